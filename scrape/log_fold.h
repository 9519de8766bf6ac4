#pragma once
// Keeps the log short when many keys meet the same at once. Of lines about the same thing at the
// same host, the first few are written; the rest is counted and told in one line: after a minute,
// then every 15 minutes as long as there is something to tell, with the number of keys and some of
// their names. Pure: the time is a parameter. One thread.

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scrape/moment.h"

namespace scrape {

class LogFold {
 public:
  struct Subject {
    std::string host;
    std::string_view what;  // of a closed set of constant texts
    // clang-tidy 14 takes the default for a null pointer.
    // NOLINTNEXTLINE(modernize-use-nullptr)
    friend auto operator<=>(const Subject&, const Subject&) = default;
  };
  struct Summary {
    Subject subject;
    std::int64_t lines = 0;  // that were not written
    std::size_t keys = 0;    // that they were about
    std::string some_keys;   // names, "a, b, c"
  };

  // Whether the line is to be written. `key` is counted by its number.
  [[nodiscard]] bool Admit(const Subject& subject, std::size_t key, const std::string& key_name,
                           SteadyTime now);
  // What is to be told now of the lines that were not admitted. To be called again and again.
  [[nodiscard]] std::vector<Summary> TakeSummaries(SteadyTime now);

 private:
  struct Bucket {
    SteadyTime window_end{};
    int written = 0;          // in this window
    bool folded = false;      // in this window
    bool quiet = false;       // the last window was folded: none of this one is written
    SteadyTime not_before{};  // the next summary
    SteadyTime due = SteadyTime::max();
    std::int64_t lines = 0;  // since the last summary
    std::set<std::size_t> keys;
    std::vector<std::string> names;
  };
  static void Roll(Bucket& bucket, SteadyTime now);

  std::map<Subject, Bucket> buckets_;
  SteadyTime next_look_{};
};

// The first five of them: "a, b, c, d, e and 7 more".
[[nodiscard]] std::string JoinNames(const std::vector<std::string>& names, std::size_t count);

}  // namespace scrape
