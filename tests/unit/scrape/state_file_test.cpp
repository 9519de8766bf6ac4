#include "scrape/state/state_file.h"

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <optional>
#include <string>

#include "tests/temp_dir.h"

using scrape::StateFile;

namespace {

std::unique_ptr<StateFile> Open(const std::string& directory) {
  auto file = StateFile::Open(directory, 0);
  REQUIRE(file);
  return *std::move(file);
}

// Files of this process end there, with an error and no signal.
class ShortFiles {
 public:
  explicit ShortFiles(rlim_t bytes) {
    getrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit now{.rlim_cur = bytes, .rlim_max = before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &now);
  }
  ~ShortFiles() { setrlimit(RLIMIT_FSIZE, &before_); }
  ShortFiles(const ShortFiles&) = delete;
  ShortFiles& operator=(const ShortFiles&) = delete;
  ShortFiles(ShortFiles&&) = delete;
  ShortFiles& operator=(ShortFiles&&) = delete;

 private:
  rlimit before_{};
};

}  // namespace

TEST_CASE("what was written is read, from a directory that is made") {
  const test::TempDir dir;
  const std::string path = dir.path() + "/deep/state";
  {
    const auto file = Open(path);
    CHECK(file->Path() == path + "/shard-0.state");
    CHECK(*file->Read() == std::nullopt);
    CHECK(file->Write("one") == "");
    CHECK(file->Write("two") == "");
  }
  const auto file = Open(path);
  CHECK(*file->Read() == std::optional<std::string>("two"));
  struct stat facts {};
  REQUIRE(stat(file->Path().c_str(), &facts) == 0);
  CHECK((facts.st_mode & 07777) == 0600);
  REQUIRE(stat(path.c_str(), &facts) == 0);
  CHECK((facts.st_mode & 07777) == 0700);
  CHECK_FALSE(std::filesystem::exists(file->Path() + ".new"));
}

TEST_CASE("a second one is refused, another shard is not") {
  const test::TempDir dir;
  auto first = Open(dir.path());
  const auto second = StateFile::Open(dir.path(), 0);
  REQUIRE_FALSE(second);
  CHECK(second.error() == "--storage.path: another process has " + dir.path() +
                              "/shard-0.state open: give each process a directory of its own");
  CHECK(StateFile::Open(dir.path(), 1));
  first.reset();
  CHECK(StateFile::Open(dir.path(), 0));
}

TEST_CASE("a directory that cannot be used is a sentence") {
  const test::TempDir dir;
  const std::string file = dir.Write("file", "");
  const auto opened = StateFile::Open(file, 0);
  REQUIRE_FALSE(opened);
  CHECK(opened.error() ==
        "--storage.path: " + file + " cannot be made a directory: Not a directory");
}

TEST_CASE("what is no file of ours is set aside, and writing goes on") {
  const test::TempDir dir;
  const auto file = Open(dir.path());
  SUBCASE("a link") { std::filesystem::create_symlink("/etc/hostname", file->Path()); }
  SUBCASE("a directory") { std::filesystem::create_directory(file->Path()); }
  SUBCASE("a pipe") { REQUIRE(mkfifo(file->Path().c_str(), 0600) == 0); }
  const auto read = file->Read();
  CHECK_FALSE(read);
  CHECK(file->SetAside() == "");
  CHECK(std::filesystem::exists(std::filesystem::symlink_status(file->AsidePath())));
  CHECK(file->Write("new") == "");
  CHECK(*file->Read() == std::optional<std::string>("new"));
}

TEST_CASE("a write that fails leaves the old text") {
  const test::TempDir dir;
  const auto file = Open(dir.path());
  REQUIRE(file->Write("old") == "");
  {
    const ShortFiles limit(1000);
    CHECK(file->Write(std::string(2000, 'x')) == "File too large");
  }
  CHECK(*file->Read() == std::optional<std::string>("old"));
  CHECK_FALSE(std::filesystem::exists(file->Path() + ".new"));
  CHECK(file->Write("new") == "");
}

TEST_CASE("what a write left behind when it was killed is in nobody's way") {
  const test::TempDir dir;
  const auto file = Open(dir.path());
  dir.Write("shard-0.state.new", "half");
  CHECK(file->Write("whole") == "");
  CHECK(*file->Read() == std::optional<std::string>("whole"));
}
