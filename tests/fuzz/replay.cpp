// Runs a fuzzer's entry point over files, and over those of directories: the corpus is a test
// wherever there is no libFuzzer. Fails without files.

#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "tests/fuzz/property.h"
#include "tests/read_text.h"

namespace {

std::vector<std::filesystem::path> FilesAt(const std::filesystem::path& path) {
  if (!std::filesystem::is_directory(path)) return {path};
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(path)) files.push_back(entry.path());
  return files;
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t count = 0;
  for (int i = 1; i < argc; ++i) {
    for (const std::filesystem::path& file : FilesAt(argv[i])) {
      const std::string text = test::ReadText(file);
      std::cerr << file.string() << std::endl;  // the last line names the file that failed
      LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
      ++count;
    }
  }
  std::cerr << count << " files\n";
  return count > 0 ? 0 : 1;
}
