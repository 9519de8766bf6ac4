#pragma once
// Numbers that arrive as text: numeric strings in JSON and header values. Pure, any thread.

#include <optional>
#include <string_view>

namespace scrape {

// Beyond 2^53 a double no longer holds every integer: such a value would be exported wrong.
inline constexpr double kLargestExactInteger = 9007199254740992.0;

// `value` when it is finite and within +-kLargestExactInteger; -0 becomes 0.
[[nodiscard]] std::optional<double> ExactNumber(double value);

// The whole of `text` as a decimal number ("4", "-1", "0.5", "1e3") within the bounds of
// ExactNumber. No spaces, sign +, hex, inf or nan.
[[nodiscard]] std::optional<double> ParseDecimal(std::string_view text);

}  // namespace scrape
