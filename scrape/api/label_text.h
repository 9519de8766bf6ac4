#pragma once
// From the service's strings to label values: bounded, valid UTF-8, printable, and never with a
// secret in them. Pure, any thread.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace scrape {

inline constexpr std::size_t kMaxLabelBytes = 128;
inline constexpr std::string_view kRedactedLabel = "redacted";

// Bytes of the character at the front of a text that is not empty; 0 when it is not valid UTF-8, or
// a control character, which could steer a terminal (U+0080 to U+009F do as ESC does).
[[nodiscard]] std::size_t PrintableLength(std::string_view text);

// Knows the texts that must not be shown. Holds views only: what it was given must outlive it.
class Redactor {
 public:
  explicit Redactor(std::string_view secret) { Hide(secret); }

  // Empty texts are ignored.
  void Hide(std::string_view text);
  // True when `text` contains one of them, in any case of ASCII letters.
  [[nodiscard]] bool Matches(std::string_view text) const;

 private:
  std::vector<std::string_view> hidden_;
};

// `text` without control characters and invalid UTF-8, cut to kMaxLabelBytes at a code point, or
// kRedactedLabel when `redactor` matches it as it came, as it would be shown, or with everything
// but visible ASCII taken out.
[[nodiscard]] std::string LabelText(std::string_view text, const Redactor& redactor);

// [a-z0-9_]{1,64}: what may become a value of the `api` label.
[[nodiscard]] bool IsFamilyName(std::string_view name);

}  // namespace scrape
