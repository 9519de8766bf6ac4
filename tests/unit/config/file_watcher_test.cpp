#include "exporter/config/file_watcher.h"

#include <doctest/doctest.h>
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>

#include "tests/temp_dir.h"

using exporter::FileWatcher;
namespace fs = std::filesystem;

namespace {

// Events come at once; what does not come in this time does not come.
bool Sees(FileWatcher& watcher) {
  using std::chrono::steady_clock;
  const auto deadline = steady_clock::now() + std::chrono::seconds(10);
  while (steady_clock::now() < deadline) {
    pollfd watched{watcher.Descriptor(), POLLIN, 0};
    if (poll(&watched, 1, 10'000) > 0 && watcher.TakeChanges()) return true;
  }
  return false;
}

// inotify's queue is filled before the call that changes a file returns.
bool SeesNothing(FileWatcher& watcher) { return !watcher.TakeChanges(); }

void Append(const std::string& file, const std::string& text) {
  std::ofstream(file, std::ios::app) << text;
}

}  // namespace

TEST_CASE("a file that is written, replaced, removed, or comes again is seen") {
  const test::TempDir dir;
  const std::string file = dir.Write("key", "one");
  FileWatcher watcher;
  CHECK(watcher.Problem().empty());
  watcher.Watch({file}, {});
  CHECK(SeesNothing(watcher));
  Append(file, "two");
  CHECK(Sees(watcher));
  fs::rename(dir.Write("new", "three"), file);
  CHECK(Sees(watcher));
  fs::permissions(file, fs::perms::none);
  CHECK(Sees(watcher));
  fs::remove(file);
  CHECK(Sees(watcher));
  dir.Write("key", "four");
  CHECK(Sees(watcher));
}

TEST_CASE("a directory that is closed and opened again is seen") {
  const test::TempDir dir;
  const std::string file = dir.Write("keys/key", "one");
  FileWatcher watcher;
  watcher.Watch({file}, {});
  fs::permissions(dir.path() + "/keys", fs::perms::none);
  CHECK(Sees(watcher));
  fs::permissions(dir.path() + "/keys", fs::perms::owner_all);
  CHECK(Sees(watcher));
}

TEST_CASE("what is watched from now on only may have changed before") {
  const test::TempDir dir;
  const std::string file = dir.Write("key", "one");
  const std::string neighbour = dir.Write("other", "one");
  FileWatcher watcher;
  CHECK(watcher.Watch({file}, {}));
  CHECK_FALSE(watcher.Watch({file}, {}));
  CHECK(watcher.Watch({file, neighbour}, {}));
  CHECK_FALSE(watcher.Watch({file}, {}));
  CHECK(watcher.Watch({file}, {dir.path()}));
  CHECK_FALSE(watcher.Watch({file, neighbour}, {dir.path()}));
  CHECK(watcher.Watch({file, dir.Write("below/key", "one")}, {dir.path()}));
}

TEST_CASE("what happens to the neighbours of a file is not seen") {
  const test::TempDir dir;
  const std::string file = dir.Write("key", "one");
  FileWatcher watcher;
  watcher.Watch({file}, {});
  dir.Write("other", "text");
  fs::remove(dir.path() + "/other");
  CHECK(SeesNothing(watcher));
}

TEST_CASE("the links of a mounted Kubernetes secret are followed when they are turned over") {
  const test::TempDir dir;
  dir.Write("..2026_01/key", "one");
  fs::create_symlink("..2026_01", dir.path() + "/..data");
  fs::create_symlink("..data/key", dir.path() + "/key");
  FileWatcher watcher;
  const std::string file = dir.path() + "/key";
  watcher.Watch({file}, {});
  for (const std::string next : {"..2026_02", "..2026_03"}) {
    dir.Write(next + "/key", "next");
    CHECK(SeesNothing(watcher));
    fs::create_symlink(next, dir.path() + "/..data_tmp");
    fs::rename(dir.path() + "/..data_tmp", dir.path() + "/..data");
    CHECK(Sees(watcher));
    watcher.Watch({file}, {});
    CHECK(SeesNothing(watcher));
  }
  Append(dir.path() + "/..2026_03/key", "written in place");
  CHECK(Sees(watcher));
}

TEST_CASE("links in the middle of a path, absolute ones and chains of them are followed") {
  const test::TempDir dir;
  const std::string target = dir.Write("real/keys/key", "one");
  fs::create_directory(dir.path() + "/links");
  fs::create_directory_symlink(dir.path() + "/real", dir.path() + "/links/first");
  fs::create_directory_symlink("links/first", dir.path() + "/second");
  FileWatcher watcher;
  watcher.Watch({dir.path() + "/second/keys/key"}, {});
  Append(target, "x");
  CHECK(Sees(watcher));
  dir.Write("elsewhere/keys/key", "other");
  fs::remove(dir.path() + "/links/first");
  CHECK(Sees(watcher));
  fs::create_directory_symlink(dir.path() + "/elsewhere", dir.path() + "/links/first");
  CHECK(Sees(watcher));
}

TEST_CASE("what is not there yet is waited for, a directory at a time") {
  const test::TempDir dir;
  const std::string file = dir.path() + "/a/b/key";
  FileWatcher watcher;
  watcher.Watch({file}, {});
  fs::create_directory(dir.path() + "/a");
  CHECK(Sees(watcher));
  watcher.Watch({file}, {});
  fs::create_directory(dir.path() + "/a/b");
  CHECK(Sees(watcher));
  watcher.Watch({file}, {});
  dir.Write("a/b/key", "one");
  CHECK(Sees(watcher));
  CHECK(watcher.Problem().empty());
}

TEST_CASE("every entry of a directory is seen, and the directory itself") {
  const test::TempDir dir;
  const std::string keys = dir.path() + "/keys";
  FileWatcher watcher;
  watcher.Watch({}, {keys});
  fs::create_directory(keys);
  CHECK(Sees(watcher));
  watcher.Watch({}, {keys});
  dir.Write("keys/one", "1");
  CHECK(Sees(watcher));
  fs::create_hard_link(keys + "/one", keys + "/two");
  CHECK(Sees(watcher));
  fs::remove(keys + "/one");
  CHECK(Sees(watcher));
  fs::rename(keys, dir.path() + "/moved");
  CHECK(Sees(watcher));
}

TEST_CASE("a file is not looked at before it is complete") {
  const test::TempDir dir;
  FileWatcher watcher;
  watcher.Watch({}, {dir.path()});
  std::ofstream writing(dir.path() + "/key");
  writing << "the first hal" << std::flush;
  CHECK(SeesNothing(watcher));
  writing << "f and the second" << std::flush;
  writing.close();
  CHECK(Sees(watcher));
}

TEST_CASE("a loop of links, and a path through a file, end") {
  const test::TempDir dir;
  fs::create_symlink("loop", dir.path() + "/loop");
  const std::string file = dir.Write("file", "x");
  FileWatcher watcher;
  watcher.Watch({dir.path() + "/loop", file + "/below"}, {dir.path() + "/loop"});
  fs::remove(dir.path() + "/loop");
  CHECK(Sees(watcher));
}

TEST_CASE("what is not watched any more is not seen") {
  const test::TempDir dir;
  const std::string first = dir.Write("first/key", "1");
  const std::string second = dir.Write("second/key", "2");
  FileWatcher watcher;
  watcher.Watch({first}, {});
  watcher.Watch({second}, {});
  static_cast<void>(watcher.TakeChanges());
  Append(first, "x");
  CHECK(SeesNothing(watcher));
  Append(second, "x");
  CHECK(Sees(watcher));
}

TEST_CASE("where the system's limits are reached, the limit to raise is named") {
  rlimit before{};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &before) == 0);
  rlimit none = before;
  none.rlim_cur = 0;
  REQUIRE(setrlimit(RLIMIT_NOFILE, &none) == 0);
  const FileWatcher watcher;
  REQUIRE(setrlimit(RLIMIT_NOFILE, &before) == 0);
  CHECK(watcher.Descriptor() < 0);
  CHECK(watcher.Problem() == "inotify: too many instances: raise fs.inotify.max_user_instances");
}
