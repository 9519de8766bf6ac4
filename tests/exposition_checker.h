#pragma once
// A strict reader of the text exposition format 0.0.4, stricter than Prometheus itself: for tests
// of every kind that look at /metrics. Pure, any thread.

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace test {

using Labels = std::vector<std::pair<std::string, std::string>>;  // in the order of the text

struct Sample {
  std::string name;  // with _bucket, _sum, _count
  Labels labels;     // unescaped
  double value = 0;
};

struct Family {
  std::string name;
  std::string help;  // unescaped
  std::string type;
  std::vector<Sample> samples;
};

struct Exposition {
  std::vector<Family> families;
  // One line each, "line 3: ..."; empty: the text is as it should be.
  std::vector<std::string> problems;

  [[nodiscard]] const Family* Find(std::string_view name) const;
  // The value of the one sample with these labels, in any order; NaN and a problem of the test's
  // own when there is none, see Has.
  [[nodiscard]] bool Has(std::string_view name,
                         const std::map<std::string, std::string>& labels) const;
  [[nodiscard]] double Value(std::string_view name,
                             const std::map<std::string, std::string>& labels) const;
  // All problems in one text, for a failing test's message.
  [[nodiscard]] std::string Problems() const;
};

// Demands, beyond the grammar: valid UTF-8; HELP then TYPE before the first sample of each family,
// which is not empty and stands in one piece; families sorted by name, labels by name, series by
// labels, buckets by bound; no series twice; no timestamps, comments or empty lines; counters named
// _total, not negative; histograms whose buckets never fall and end with +Inf equal to _count.
[[nodiscard]] Exposition CheckExposition(std::string_view text);

[[nodiscard]] bool IsValidUtf8(std::string_view text);

}  // namespace test
