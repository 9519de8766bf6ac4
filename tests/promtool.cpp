#include "tests/promtool.h"

#include <sstream>
#include <stdexcept>

#include "tests/command_output.h"
#include "tests/temp_dir.h"

namespace test {

std::set<std::string> PromtoolFindings(const std::string& exposition) {
  const TempDir folder;
  const std::string command =
      "promtool check metrics <'" + folder.Write("metrics.txt", exposition) + "' 2>&1";
  int status = 0;
  const std::string output = OutputOf(command, &status);
  std::set<std::string> findings;
  std::istringstream in(output);
  std::string line;
  while (std::getline(in, line)) findings.insert(line);
  if ((status != 0) == findings.empty()) throw std::runtime_error("promtool: " + output);
  return findings;
}

}  // namespace test
