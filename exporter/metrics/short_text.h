#pragma once
// Comparing label names and values, a hundred thousand times per exposition: a call of memcmp costs
// more than the comparison. Pure, any thread.

#include <cstdint>
#include <cstring>
#include <string_view>

namespace exporter {

// a == b.
[[nodiscard]] inline bool IsSame(std::string_view a, std::string_view b) {
  const std::size_t size = a.size();
  if (size != b.size()) return false;
  const auto same_at = [&](auto word, std::size_t at) {
    decltype(word) other = 0;
    std::memcpy(&word, a.data() + at, sizeof word);
    std::memcpy(&other, b.data() + at, sizeof other);
    return word == other;
  };
  if (size > 16) return a == b;
  // Two words that overlap cover every size between one and two of them.
  if (size >= 8) return same_at(std::uint64_t{}, 0) && same_at(std::uint64_t{}, size - 8);
  if (size >= 4) return same_at(std::uint32_t{}, 0) && same_at(std::uint32_t{}, size - 4);
  for (std::size_t i = 0; i < size; ++i) {
    if (a[i] != b[i]) return false;
  }
  return true;
}

}  // namespace exporter
