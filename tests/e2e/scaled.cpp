#include "tests/e2e/scaled.h"

#include <charconv>
#include <cstdint>
#include <optional>

namespace test {
namespace {

constexpr std::int64_t kFactor = 60;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Of names, and of numbers with a point.
bool IsWord(char c) {
  return IsDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.';
}

std::optional<std::int64_t> MillisecondsOf(std::string_view unit) {
  if (unit == "s") return 1'000;
  if (unit == "m") return 60'000;
  if (unit == "h") return 3'600'000;
  if (unit == "d") return 86'400'000;
  if (unit == "w") return 604'800'000;
  return std::nullopt;
}

std::string Faster(std::string_view word) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (error != std::errc()) return std::string(word);
  const std::string_view unit = word.substr(static_cast<std::size_t>(end - word.data()));
  if (const auto milliseconds = MillisecondsOf(unit)) {
    return std::to_string(number * *milliseconds / kFactor) + "ms";
  }
  if (word == "3600" || word == "86400") return std::to_string(number / kFactor);
  return std::string(word);
}

}  // namespace

std::string SixtyTimesFaster(std::string_view yaml) {
  std::string faster;
  while (!yaml.empty()) {
    std::size_t length = 0;
    while (length < yaml.size() && IsWord(yaml[length])) ++length;
    if (length == 0) {
      faster += yaml.front();
      yaml.remove_prefix(1);
    } else {
      faster += Faster(yaml.substr(0, length));
      yaml.remove_prefix(length);
    }
  }
  return faster;
}

}  // namespace test
