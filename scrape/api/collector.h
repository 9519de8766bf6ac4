#pragma once
// The endpoints that are polled, one collector each: its name, as in the `collector` label and the
// `collectors` setting, and its path below the base URL. Plain data, any thread.

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace scrape {

enum class Collector { kInfo, kLimits, kStatus, kHistory };

// In the order in which a key that nothing is known of is asked for them.
inline constexpr std::array kCollectors = {Collector::kInfo, Collector::kLimits, Collector::kStatus,
                                           Collector::kHistory};
inline constexpr std::size_t kCollectorCount = kCollectors.size();
// In the order of their names.
inline constexpr std::array kCollectorsByName = {Collector::kHistory, Collector::kInfo,
                                                 Collector::kLimits, Collector::kStatus};
static_assert(kCollectorsByName.size() == kCollectorCount);

[[nodiscard]] constexpr std::size_t IndexOf(Collector collector) {
  return static_cast<std::size_t>(collector);
}
[[nodiscard]] std::string_view NameOf(Collector collector);
[[nodiscard]] std::optional<Collector> CollectorByName(std::string_view name);
// Begins with a slash and is appended to the base URL.
[[nodiscard]] std::string_view PathOf(Collector collector);

// Which collectors are switched on, in the order of kCollectors.
using CollectorSet = std::array<bool, kCollectorCount>;
// Scan history tells what came of people's files, and its answers are by far the largest.
inline constexpr CollectorSet kDefaultCollectors = {true, true, true, false};

}  // namespace scrape
