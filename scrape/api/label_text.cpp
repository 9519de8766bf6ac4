#include "scrape/api/label_text.h"

#include <algorithm>

namespace scrape {
namespace {

constexpr std::size_t kMaxFamilyBytes = 64;
// A longer hidden text is matched by its beginning: stricter, and hostile input stays cheap.
constexpr std::size_t kMaxHiddenBytes = 64;
// Not even the beginning of an apikey may be shown; that of a shorter text could be a word.
constexpr std::size_t kLongHiddenBytes = 24;
constexpr std::size_t kPrefixBytes = 12;
// As much of a cleaned text as is searched: a label, and any hidden text that begins in it even
// with three invisible bytes (U+200B) before each of its own.
constexpr std::size_t kMaxSearchedBytes = kMaxLabelBytes + 4 * kMaxHiddenBytes;

// As much of a text as it came is searched: what lies behind is never shown, and searching a
// megabyte made for it would hold up the other keys for a second.
constexpr std::size_t kMaxSearchedRawBytes = 16384;

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Length of the UTF-8 sequence at the front of `text`; 0 when it is not valid (overlong forms,
// surrogates and code points above U+10FFFF included). RapidJSON lets an escaped lone surrogate
// through.
std::size_t SequenceLength(std::string_view text) {
  const auto byte = [text](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const auto continues = [&byte](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const unsigned first = byte(0);
  const unsigned second = byte(1);
  if (first < 0x80) return 1;
  if (first < 0xC2 || first > 0xF4 || !continues(1)) return 0;
  if (first < 0xE0) return 2;
  if (!continues(2)) return 0;
  if (first < 0xF0) {
    const bool overlong = first == 0xE0 && second < 0xA0;
    const bool surrogate = first == 0xED && second >= 0xA0;
    return overlong || surrogate ? 0 : 3;
  }
  if (!continues(3)) return 0;
  const bool overlong = first == 0xF0 && second < 0x90;
  const bool too_large = first == 0xF4 && second >= 0x90;
  return overlong || too_large ? 0 : 4;
}

// C0, DEL and C1.
bool IsControl(std::string_view sequence) {
  const auto first = static_cast<unsigned char>(sequence[0]);
  if (sequence.size() == 1) return first < 0x20 || first == 0x7F;
  return first == 0xC2 && static_cast<unsigned char>(sequence[1]) < 0xA0;
}

// The longest beginning of `text`, cleaned, that fits into `max_bytes`.
std::string Cleaned(std::string_view text, std::size_t max_bytes) {
  std::string cleaned;
  while (!text.empty()) {
    const std::size_t length = PrintableLength(text);
    const std::string_view sequence = text.substr(0, length);
    text.remove_prefix(std::max<std::size_t>(length, 1));
    if (cleaned.size() + length > max_bytes) break;
    cleaned += sequence;
  }
  return cleaned;
}

std::string VisibleAscii(std::string_view text) {
  std::string visible;
  std::copy_if(text.begin(), text.end(), std::back_inserter(visible),
               [](char c) { return c > ' ' && c < '\x7F'; });
  return visible;
}

}  // namespace

std::size_t PrintableLength(std::string_view text) {
  const std::size_t length = SequenceLength(text);
  return length == 0 || IsControl(text.substr(0, length)) ? 0 : length;
}

void Redactor::Hide(std::string_view text) {
  if (text.empty()) return;
  const bool is_long = text.size() >= kLongHiddenBytes;
  hidden_.push_back(text.substr(0, is_long ? kPrefixBytes : kMaxHiddenBytes));
}

bool Redactor::Matches(std::string_view text) const {
  return std::any_of(hidden_.begin(), hidden_.end(), [text](std::string_view hidden) {
    return std::search(text.begin(), text.end(), hidden.begin(), hidden.end(),
                       [](char a, char b) { return Lower(a) == Lower(b); }) != text.end();
  });
}

std::string LabelText(std::string_view text, const Redactor& redactor) {
  const std::string cleaned = Cleaned(text, kMaxSearchedBytes);
  if (redactor.Matches(text.substr(0, kMaxSearchedRawBytes)) || redactor.Matches(cleaned) ||
      redactor.Matches(VisibleAscii(cleaned))) {
    return std::string(kRedactedLabel);
  }
  return Cleaned(cleaned, kMaxLabelBytes);
}

bool IsFamilyName(std::string_view name) {
  return !name.empty() && name.size() <= kMaxFamilyBytes &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string_view::npos;
}

}  // namespace scrape
