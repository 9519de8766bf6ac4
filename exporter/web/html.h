#pragma once
// Writes HTML: what is ours goes in by Raw, everything else by Text, which leaves no way out of an
// element or a quoted attribute. One thread at a time.

#include <string>
#include <string_view>
#include <utility>

namespace exporter {

class Html {
 public:
  Html& Raw(std::string_view markup) {
    text_ += markup;
    return *this;
  }
  Html& Text(std::string_view text);
  // The same as a part of a query: percent-encoded.
  Html& QueryValue(std::string_view text);

  [[nodiscard]] std::string Take() { return std::move(text_); }

 private:
  std::string text_;
};

}  // namespace exporter
