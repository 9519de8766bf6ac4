#include "exporter/metrics/text_buffer.h"

#include <charconv>
#include <cmath>

namespace exporter {
namespace {

constexpr std::size_t kFirstCapacity = std::size_t{16} * 1024;

using Word = std::uint64_t;

Word Load(const char* from) {
  Word word = 0;
  std::memcpy(&word, from, sizeof word);
  return word;
}

bool IsSpecial(char c) { return c == '\\' || c == '"' || c == '\n'; }

// Whether any of the word's bytes is special.
bool HasSpecial(Word word) {
  constexpr Word kOnes = 0x0101010101010101U;
  constexpr Word kHighs = 0x8080808080808080U;
  const auto zeros = [](Word bytes) { return (bytes - kOnes) & ~bytes & kHighs; };
  return (zeros(word ^ (kOnes * '\\')) | zeros(word ^ (kOnes * '"')) |
          zeros(word ^ (kOnes * '\n'))) != 0;
}

// Copies `text`, a word at a time, unless something in it is special: then what is at `to` is of no
// use.
bool CopyPlain(char* to, std::string_view text) {
  if (text.size() < sizeof(Word)) {
    for (const char c : text) {
      if (IsSpecial(c)) return false;
      *to++ = c;
    }
    return true;
  }
  const auto copy_at = [&](std::size_t at) {
    const Word word = Load(text.data() + at);
    std::memcpy(to + at, &word, sizeof word);
    return !HasSpecial(word);
  };
  const std::size_t last = text.size() - sizeof(Word);  // may overlap the one before
  for (std::size_t at = 0; at < last; at += sizeof(Word)) {
    if (!copy_at(at)) return false;
  }
  return copy_at(last);
}

}  // namespace

void TextBuffer::PutEscaped(std::string_view text, bool quotes) {
  if (CopyPlain(data_.get() + size_, text)) {
    size_ += text.size();
    return;
  }
  for (const char c : text) {
    if (c == '\n') {
      Put("\\n");
    } else {
      if (c == '\\' || (quotes && c == '"')) Put('\\');
      Put(c);
    }
  }
}

void TextBuffer::PutNumber(double value) {
  if (std::isnan(value)) return Put("NaN");
  if (std::isinf(value)) return Put(value > 0 ? "+Inf" : "-Inf");
  constexpr double kMaxExactInteger = 9007199254740992.0;  // 2^53
  if (std::abs(value) <= kMaxExactInteger) {
    const auto integer = static_cast<std::int64_t>(value);
    if (static_cast<double>(integer) == value) return PutDigits(integer);
  }
  PutDigits(value);
}

void TextBuffer::PutNumber(std::uint64_t value) { PutDigits(value); }

template <typename Number>
void TextBuffer::PutDigits(Number value) {
  char* const begin = data_.get() + size_;
  size_ +=
      static_cast<std::size_t>(std::to_chars(begin, begin + kMaxNumberSize, value).ptr - begin);
}

void TextBuffer::Grow(std::size_t size) {
  const std::size_t capacity = 2 * capacity_ + size + kFirstCapacity;
  auto data = std::make_unique_for_overwrite<char[]>(capacity);
  if (size_ > 0) std::memcpy(data.get(), data_.get(), size_);
  data_ = std::move(data);
  capacity_ = capacity;
}

}  // namespace exporter
