#pragma once
// For a unique_ptr to a text that somebody else owns: zeroes it at the end, whatever happens. Any
// thread.

#include <string>

#include "scrape/secret.h"

namespace exporter {

struct TextWiper {
  void operator()(std::string* text) const noexcept {
    scrape::WipeMemory(text->data(), text->size());
  }
};

}  // namespace exporter
