#pragma once
// What a fuzzer finds: a property that does not hold ends the process with a line. Any thread.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

// The entry point of libFuzzer, and of replay.cpp. Always 0.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace fuzz {

inline void Expect(bool holds, const char* property) {
  if (holds) return;
  std::fprintf(stderr, "property does not hold: %s\n", property);
  std::abort();
}

inline std::string_view TextOf(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

}  // namespace fuzz
