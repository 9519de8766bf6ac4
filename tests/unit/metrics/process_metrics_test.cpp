#include "exporter/metrics/process_metrics.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <cmath>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/temp_dir.h"

using exporter::ProcessStats;
using exporter::ReadProcessStats;

TEST_CASE("the running process has all six facts, and they are plausible") {
  const ProcessStats stats = ReadProcessStats();
  REQUIRE(stats.cpu_seconds);
  REQUIRE(stats.resident_bytes);
  REQUIRE(stats.virtual_bytes);
  REQUIRE(stats.open_fds);
  REQUIRE(stats.max_fds);
  REQUIRE(stats.start_time);
  CHECK(*stats.cpu_seconds >= 0);
  CHECK(*stats.resident_bytes > 100'000);
  CHECK(*stats.virtual_bytes >= *stats.resident_bytes);
  CHECK(*stats.open_fds >= 3);
  CHECK(*stats.max_fds >= *stats.open_fds);
  CHECK(std::abs(*stats.start_time - static_cast<double>(std::time(nullptr))) < 3600);
}

TEST_CASE("an open file is counted") {
  const double before = ReadProcessStats().open_fds.value();
  const std::ifstream file("/proc/self/stat");
  CHECK(ReadProcessStats().open_fds.value() == before + 1);
}

TEST_CASE("what cannot be read is absent") {
  const ProcessStats stats = ReadProcessStats("/nonexistent");
  CHECK_FALSE(stats.cpu_seconds);
  CHECK_FALSE(stats.resident_bytes);
  CHECK_FALSE(stats.virtual_bytes);
  CHECK_FALSE(stats.open_fds);
  CHECK_FALSE(stats.max_fds);
  CHECK_FALSE(stats.start_time);
}

TEST_CASE("a program name with spaces and brackets does not shift the fields") {
  const test::TempDir proc;
  proc.Write("self/stat",
             "7 (a) b (c) S 1 7 7 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 4 0 1000 4096000 25 1\n");
  proc.Write("self/limits",
             "Limit                     Soft Limit           Hard Limit           Units     \n"
             "Max open files            unlimited            unlimited            files     \n");
  proc.Write("stat", "cpu  1 2 3\nbtime 1700000000\n");
  const ProcessStats stats = ReadProcessStats(proc.path());
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  CHECK(stats.cpu_seconds.value() == 300 / ticks);
  CHECK(stats.virtual_bytes.value() == 4096000);
  CHECK(stats.resident_bytes.value() == 25.0 * static_cast<double>(sysconf(_SC_PAGESIZE)));
  CHECK(stats.start_time.value() == 1700000000 + 1000 / ticks);
  CHECK(std::isinf(stats.max_fds.value()));
  CHECK_FALSE(stats.open_fds);
}

TEST_CASE("a truncated or garbled stat gives nothing rather than something wrong") {
  for (const char* text :
       {"", "7 (x", "7 (x) S 1 2 3", "7 (x) S a b c d e f g h i j k l m n o p"}) {
    const test::TempDir proc;
    proc.Write("self/stat", text);
    const ProcessStats stats = ReadProcessStats(proc.path());
    CHECK_FALSE(stats.cpu_seconds);
    CHECK_FALSE(stats.resident_bytes);
  }
}
