#include "exporter/config/duration.h"

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <system_error>

namespace exporter {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t milliseconds;
};

constexpr std::array kUnits = {
    Unit{"y", 365LL * 24 * 3600 * 1000},
    Unit{"w", 7LL * 24 * 3600 * 1000},
    Unit{"d", 24LL * 3600 * 1000},
    Unit{"h", 3600LL * 1000},
    Unit{"m", 60LL * 1000},
    Unit{"s", 1000},
    Unit{"ms", 1},
};
constexpr std::int64_t kLimit = 100 * kUnits[0].milliseconds;

}  // namespace

std::optional<std::chrono::milliseconds> ParseDuration(std::string_view text) {
  if (text == "0") return std::chrono::milliseconds(0);
  if (text.empty()) return std::nullopt;
  std::int64_t total = 0;
  std::size_t next_unit = 0;
  while (!text.empty()) {
    if (text[0] < '0' || text[0] > '9') return std::nullopt;  // from_chars would take a sign
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc()) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    const std::string_view name = text.substr(0, text.find_first_of("0123456789"));
    while (next_unit < kUnits.size() && kUnits[next_unit].name != name) ++next_unit;
    if (next_unit == kUnits.size()) return std::nullopt;
    const std::int64_t unit = kUnits[next_unit++].milliseconds;
    if (number > kLimit / unit) return std::nullopt;
    total += number * unit;
    if (total > kLimit) return std::nullopt;
    text.remove_prefix(name.size());
  }
  return std::chrono::milliseconds(total);
}

std::string FormatDuration(std::chrono::milliseconds duration) {
  std::int64_t rest = duration.count();
  std::string text;
  for (const Unit& unit : kUnits) {
    // Weeks and years only where nothing remains: 8d is clearer than 1w1d.
    const bool coarse = unit.name == "y" || unit.name == "w";
    if (rest < unit.milliseconds || (coarse && rest % unit.milliseconds != 0)) continue;
    text += std::to_string(rest / unit.milliseconds);
    text += unit.name;
    rest %= unit.milliseconds;
  }
  return text.empty() ? "0s" : text;
}

}  // namespace exporter
