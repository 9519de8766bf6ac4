#include "exporter/config/byte_size.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <system_error>
#include <utility>

namespace exporter {
namespace {

constexpr std::size_t kMost = std::size_t{1} << 40;
// The largest first, as they are tried.
constexpr std::array<std::pair<std::string_view, std::size_t>, 4> kUnits = {
    {{"GiB", std::size_t{1} << 30}, {"MiB", std::size_t{1} << 20}, {"KiB", 1024}, {"", 1}}};

}  // namespace

std::optional<std::size_t> ParseByteSize(std::string_view text) {
  for (const auto& [unit, bytes] : kUnits) {
    if (!text.ends_with(unit)) continue;
    const std::string_view digits = text.substr(0, text.size() - unit.size());
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    const bool whole = error == std::errc() && end == digits.data() + digits.size();
    const bool plain = digits == "0" || !digits.starts_with('0');
    if (!whole || !plain || number > kMost / bytes) return std::nullopt;
    return number * bytes;
  }
  return std::nullopt;
}

std::string FormatByteSize(std::size_t bytes) {
  for (const auto& [unit, size] : kUnits) {
    if (bytes != 0 && bytes % size == 0) return fmt::format("{}{}", bytes / size, unit);
  }
  return "0";
}

}  // namespace exporter
