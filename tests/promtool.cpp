#include "tests/promtool.h"

#include <array>
#include <cstdio>
#include <sstream>
#include <stdexcept>

#include "tests/temp_dir.h"

namespace test {

std::set<std::string> PromtoolFindings(const std::string& exposition) {
  const TempDir folder;
  const std::string command =
      "promtool check metrics <'" + folder.Write("metrics.txt", exposition) + "' 2>&1";
  FILE* pipe = popen(command.c_str(),
                     "r");  // NOLINT(bugprone-command-processor,cert-env33-c): a fixed command
  if (pipe == nullptr) throw std::runtime_error("promtool cannot be run");
  std::string output;
  std::array<char, 4096> piece{};
  while (const std::size_t size = std::fread(piece.data(), 1, piece.size(), pipe)) {
    output.append(piece.data(), size);
  }
  const int status = pclose(pipe);
  std::set<std::string> findings;
  std::istringstream in(output);
  std::string line;
  while (std::getline(in, line)) findings.insert(line);
  if ((status != 0) == findings.empty()) throw std::runtime_error("promtool: " + output);
  return findings;
}

}  // namespace test
