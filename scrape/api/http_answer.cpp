#include "scrape/api/http_answer.h"

#include <array>
#include <utility>

#include "scrape/api/decimal.h"

namespace scrape {
namespace {

constexpr double kLongestSeconds = 86400;

std::string_view Trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

}  // namespace

std::optional<double> ParseResponseTime(std::string_view header_value) {
  // "ms" before "s", which it ends with; no unit at all comes last.
  static constexpr std::array<std::pair<std::string_view, double>, 3> kUnits = {
      {{"ms", 1e3}, {"s", 1}, {"", 1e3}}};
  const std::string_view text = Trimmed(header_value);
  for (const auto& [unit, per_second] : kUnits) {
    if (!text.ends_with(unit)) continue;
    const std::optional<double> number =
        ParseDecimal(Trimmed(text.substr(0, text.size() - unit.size())));
    if (!number || *number < 0 || *number / per_second > kLongestSeconds) return std::nullopt;
    return *number / per_second;
  }
  return std::nullopt;
}

}  // namespace scrape
