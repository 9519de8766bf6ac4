#include "tests/command_output.h"

#include <array>
#include <cstdio>
#include <stdexcept>

namespace test {

std::string OutputOf(const std::string& command, int* status) {
  // NOLINTNEXTLINE(bugprone-command-processor,cert-env33-c): commands of the tests themselves
  FILE* const pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("cannot be run: " + command);
  std::string output;
  std::array<char, 4096> piece{};
  while (const std::size_t size = std::fread(piece.data(), 1, piece.size(), pipe)) {
    output.append(piece.data(), size);
  }
  const int ended = pclose(pipe);
  if (status != nullptr) *status = ended;
  return output;
}

}  // namespace test
