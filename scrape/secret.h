#pragma once
// A string that must not be shown: an apikey.
// Value type, movable only. It cannot be printed, formatted or logged (those do not compile), is
// not copied by accident, and its memory is zeroed when it is released. Const methods may be called
// from any thread.

#include <cstddef>
#include <iosfwd>
#include <memory>
#include <string_view>

namespace scrape {

class Secret {
 public:
  Secret() = default;
  // Copies `text`; zeroing the source is the caller's affair.
  explicit Secret(std::string_view text);
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret();

  // The only way to the text, valid as long as this object. Callers hand it to the apikey header or
  // compare it; they never store it.
  [[nodiscard]] std::string_view Reveal() const;
  [[nodiscard]] bool empty() const { return size_ == 0; }

  friend bool operator==(const Secret& a, const Secret& b) { return a.Reveal() == b.Reveal(); }

 private:
  void Wipe() noexcept;

  std::unique_ptr<char[]> text_;
  std::size_t size_ = 0;
};

// Overwrites memory in a way that the optimiser keeps.
void WipeMemory(void* memory, std::size_t size) noexcept;

std::ostream& operator<<(std::ostream&, const Secret&) = delete;
auto format_as(const Secret&) = delete;

}  // namespace scrape
