#include "scrape/secret.h"

#include <string.h>

#include <algorithm>
#include <utility>

namespace scrape {

Secret::Secret(std::string_view text)
    : text_(std::make_unique<char[]>(text.size())), size_(text.size()) {
  std::copy(text.begin(), text.end(), text_.get());
}

Secret::Secret(Secret&& other) noexcept
    : text_(std::move(other.text_)), size_(std::exchange(other.size_, 0)) {}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    Wipe();
    text_ = std::move(other.text_);
    size_ = std::exchange(other.size_, 0);
  }
  return *this;
}

Secret::~Secret() { Wipe(); }

std::string_view Secret::Reveal() const { return {text_.get(), size_}; }

void Secret::Wipe() noexcept {
  if (text_ != nullptr) WipeMemory(text_.get(), size_);
}

void WipeMemory(void* memory, std::size_t size) noexcept { explicit_bzero(memory, size); }

}  // namespace scrape
