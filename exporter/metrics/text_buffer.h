#pragma once
// Where exposition formats write: a growing buffer that is never zeroed and emptied without being
// released, and the primitives the formats need. One thread at a time.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

namespace exporter {

class TextBuffer {
 public:
  static constexpr std::size_t kMaxNumberSize = 32;

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::string_view View() const { return {data_.get(), size_}; }
  void Clear() { size_ = 0; }

  // Room for so many bytes of what follows; the functions below do not look for themselves.
  void Reserve(std::size_t size) {
    if (capacity_ - size_ < size) Grow(size);
  }
  void Put(char c) { data_.get()[size_++] = c; }
  void Put(std::string_view text) {
    std::memcpy(data_.get() + size_, text.data(), text.size());
    size_ += text.size();
  }
  // What was written before, once more.
  void PutAgain(std::size_t from, std::size_t size) {
    Put(std::string_view(data_.get() + from, size));
  }
  // At most twice the size of `text`.
  void PutEscaped(std::string_view text, bool quotes);
  // Integers up to 2^53 plainly, otherwise the shortest exact form; NaN, +Inf, -Inf. At most
  // kMaxNumberSize bytes.
  void PutNumber(double value);
  void PutNumber(std::uint64_t value);

 private:
  void Grow(std::size_t size);
  template <typename Number>
  void PutDigits(Number value);

  std::unique_ptr<char[]> data_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace exporter
