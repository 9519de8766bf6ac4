#pragma once
// Typed values out of a YAML tree: each reader returns nothing after having reported what is wrong
// and what is allowed. Pure, any thread.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/config/options.h"
#include "exporter/config/problem.h"
#include "exporter/config/yaml_reader.h"
#include "scrape/api/collector.h"
#include "scrape/event_log.h"

namespace exporter {

using std::chrono::milliseconds;

// False after reporting, with `allowed` ("a list of names") when the node is of another kind.
[[nodiscard]] bool Is(YamlNode::Kind kind, const YamlNode& node, std::string_view allowed,
                      ProblemList& problems);

// The names that a map may have, in the words of a message.
struct MapNames {
  std::string_view where;  // the path a person would write; empty: the top
  std::vector<std::string_view> allowed;
  std::vector<std::string_view> judged;  // about which the caller has said what is to be said
};

// The options of one map: reports unknown names when built. Refers to the node.
class MapReader {
 public:
  MapReader(const YamlNode& node, Section section, ProblemList& problems);
  MapReader(const YamlNode& node, const MapNames& names, ProblemList& problems);
  // Null when the option is not there or has no value (which is reported).
  [[nodiscard]] const YamlNode* Find(std::string_view name) const;
  // The option as it stands there, whatever its value; null when it does not.
  [[nodiscard]] const YamlNode* Peek(std::string_view name) const;

 private:
  const YamlNode& node_;
  ProblemList& problems_;
};

struct DurationBounds {
  milliseconds least;
  milliseconds most;
};

// Which of the words it is.
[[nodiscard]] std::optional<std::size_t> ReadChoice(const YamlNode& node,
                                                    const std::vector<std::string_view>& words,
                                                    ProblemList& problems);
// Without control characters, line ends among them.
[[nodiscard]] std::optional<std::string> ReadText(const YamlNode& node, ProblemList& problems);
[[nodiscard]] std::optional<bool> ReadBool(const YamlNode& node, ProblemList& problems);
[[nodiscard]] std::optional<int> ReadInteger(const YamlNode& node, int least, int most,
                                             ProblemList& problems);
// `also` is a further allowed word for the message ("auto or "), judged by the caller.
[[nodiscard]] std::optional<milliseconds> ReadDuration(const YamlNode& node,
                                                       const DurationBounds& bounds,
                                                       std::string_view also,
                                                       ProblemList& problems);
struct ByteSizeBounds {
  std::size_t least;
  std::size_t most;
};
[[nodiscard]] std::optional<std::size_t> ReadByteSize(const YamlNode& node,
                                                      const ByteSizeBounds& bounds,
                                                      ProblemList& problems);
[[nodiscard]] std::optional<scrape::CollectorSet> ReadCollectors(const YamlNode& node,
                                                                 ProblemList& problems);
[[nodiscard]] std::optional<scrape::LogLevel> ReadLogLevel(const YamlNode& node,
                                                           ProblemList& problems);
[[nodiscard]] std::optional<std::string> ReadBaseUrl(const YamlNode& node, ProblemList& problems);
[[nodiscard]] std::map<std::string, std::string> ReadLabels(const YamlNode& node,
                                                            ProblemList& problems);

// [a-zA-Z0-9_.:/ -]{1,128}
[[nodiscard]] bool IsKeyName(std::string_view name);
inline constexpr std::string_view kKeyNameRule =
    "1 to 128 characters of a-z, A-Z, 0-9, '_', '.', ':', '/', '-' and space";

}  // namespace exporter
