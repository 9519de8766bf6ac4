#pragma once
// All that survives a restart, and the text of the file that holds it: one line that says what it
// is, in which version, and its checksum, then JSON. The apikey is not in it: only a hash, salted
// anew for each file, tells whether it is still the same. Pure but for the randomness of NewSalt,
// any thread.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "scrape/key_record.h"
#include "scrape/moment.h"
#include "scrape/schedule/quota_windows.h"
#include "scrape/schedule/saved_schedule.h"
#include "scrape/secret.h"

namespace scrape {

// One key, but for its windows.
struct SavedKeyHead {
  std::string name;
  std::string base_url;
  std::string secret_mark;
  SteadyTime seen{};  // when the key was last configured
  std::optional<SavedStop> stop;
  std::optional<SavedVerdict> verdict;

  template <class Fields>
  void Visit(Fields& fields) {
    fields("name", name);
    fields("base_url", base_url);
    fields("secret_mark", secret_mark);
    fields("seen", seen);
    fields("stop", stop);
    fields("verdict", verdict);
  }
};

struct SavedKey {
  SavedKeyHead head;
  QuotaWindows windows;

  template <class Fields>
  void Visit(Fields& fields) {
    head.Visit(fields);
    fields("windows", windows);
  }
};

struct SavedState {
  std::string salt;
  std::vector<SavedKey> keys;
  std::vector<SavedHost> hosts;
};

// 32 hexadecimal digits from the kernel.
[[nodiscard]] std::string NewSalt();
// Equal for equal secrets under the same salt; tells nothing else about them.
[[nodiscard]] std::string MarkOf(const Secret& secret, std::string_view salt);

// The first line and `body`.
[[nodiscard]] std::string SealState(std::string_view body);

// What is wrong, as the end of a sentence ("it ..."), or all of it. Never crashes, whatever the
// bytes.
[[nodiscard]] tl::expected<SavedState, std::string> ReadState(std::string_view text, Moment now);

}  // namespace scrape
