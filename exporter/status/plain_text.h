#pragma once
// Text for a terminal: made harmless, wrapped, painted. Pure, any thread.

#include <cstddef>
#include <string>
#include <string_view>

namespace exporter {

// Printable ASCII as it is, every other byte as '?': nothing steers a terminal, and each character
// takes one column.
[[nodiscard]] std::string PlainText(std::string_view text);

// Lines no wider than `width` columns, each with its end, the first one after `first`, the others
// after `rest` (both shorter than `width`). Words that are too long are broken.
[[nodiscard]] std::string Wrapped(std::string_view text, std::size_t width, std::string_view first,
                                  std::string_view rest);

// `text` and blanks up to `width`; it is not cut.
[[nodiscard]] std::string LeftAligned(std::string_view text, std::size_t width);
[[nodiscard]] std::string RightAligned(std::string_view text, std::size_t width);

}  // namespace exporter
