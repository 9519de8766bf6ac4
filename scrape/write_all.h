#pragma once
// All of a text into a file descriptor, however little the kernel takes at a time. Any thread.

#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <string_view>

namespace scrape {

// False: errno says why.
[[nodiscard]] inline bool WriteAll(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace scrape
