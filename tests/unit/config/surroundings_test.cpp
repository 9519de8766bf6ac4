#include "exporter/config/surroundings.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace {

struct TemporaryDirectory {
  TemporaryDirectory() {
    std::string name = std::filesystem::temp_directory_path() / "surroundings-XXXXXX";
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~TemporaryDirectory() { std::filesystem::remove_all(path); }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  TemporaryDirectory(TemporaryDirectory&&) = delete;
  TemporaryDirectory& operator=(TemporaryDirectory&&) = delete;

  void Write(const std::string& name, const std::string& content) const {
    std::ofstream(path / name, std::ios::binary) << content;
  }
  std::filesystem::path path;
};

}  // namespace

TEST_CASE("files are read as a whole, up to the limit") {
  const TemporaryDirectory directory;
  const auto around = exporter::SystemSurroundings();
  const std::string content(100'000, 'x');
  directory.Write("file", content);
  CHECK(around.read_file(directory.path / "file", 100'000).value_or("") == content);
  CHECK(around.read_file(directory.path / "file", 99'999).error() == "larger than 97 KiB");
  CHECK(around.read_file("/proc/self/status", 100'000).value_or("").starts_with("Name:"));
}

TEST_CASE("what cannot be read gives errno's text") {
  const TemporaryDirectory directory;
  const auto around = exporter::SystemSurroundings();
  CHECK(around.read_file(directory.path / "none", 10).error() == "No such file or directory");
  CHECK(around.read_file(directory.path, 10).error() == "Is a directory");
  CHECK(around.list_files(directory.path / "none").error() == "No such file or directory");
  if (geteuid() != 0) {
    directory.Write("closed", "x");
    chmod((directory.path / "closed").c_str(), 0);
    CHECK(around.read_file(directory.path / "closed", 10).error() == "Permission denied");
  }
}

TEST_CASE("a pipe that nobody writes to does not block") {
  const TemporaryDirectory directory;
  const std::string pipe = directory.path / "pipe";
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  CHECK(exporter::SystemSurroundings().read_file(pipe, 10).value_or("?").empty());
}

TEST_CASE("a directory lists what resolves to a file, as Kubernetes mounts a Secret") {
  const TemporaryDirectory directory;
  std::filesystem::create_directory(directory.path / "..2026_01_01");
  directory.Write("..2026_01_01/production", "x");
  std::filesystem::create_symlink("..2026_01_01", directory.path / "..data");
  std::filesystem::create_symlink("..data/production", directory.path / "production");
  std::filesystem::create_symlink("nowhere", directory.path / "dangling");
  std::filesystem::create_directory(directory.path / "folder");
  directory.Write(".hidden", "x");
  directory.Write("another", "x");
  const auto names = exporter::SystemSurroundings().list_files(directory.path);
  REQUIRE(names.has_value());
  CHECK(*names == std::vector<std::string>{"another", "production"});
}

TEST_CASE("existence and variables") {
  const TemporaryDirectory directory;
  const auto around = exporter::SystemSurroundings();
  CHECK(around.exists(directory.path));
  CHECK_FALSE(around.exists(directory.path / "none"));
  CHECK(around.variable("PATH").has_value());
  CHECK_FALSE(around.variable("NO_SUCH_VARIABLE_IN_HERE").has_value());
}
