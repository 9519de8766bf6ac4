#pragma once
// A whole file as a text, for tests. Pure, any thread.
//
// Not by std::istreambuf_iterator: following it takes clang-tidy half a minute in every file.

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace test {

// Empty when it cannot be read.
[[nodiscard]] inline std::string ReadText(const std::filesystem::path& path) {
  const std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

}  // namespace test
