#include "scrape/api/decimal.h"

#include <charconv>
#include <cmath>
#include <system_error>

namespace scrape {

std::optional<double> ExactNumber(double value) {
  if (!std::isfinite(value) || std::abs(value) > kLargestExactInteger) return std::nullopt;
  return value + 0.0;  // -0 + 0 is 0
}

std::optional<double> ParseDecimal(std::string_view text) {
  // from_chars knows "inf" and "nan" too.
  if (text.find_first_not_of("0123456789.eE+-") != std::string_view::npos) return std::nullopt;
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stopped != end) return std::nullopt;
  return ExactNumber(value);
}

}  // namespace scrape
