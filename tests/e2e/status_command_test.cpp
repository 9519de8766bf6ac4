// The command `status` of the real binary: in a pipe, and in a real terminal.

#include <doctest/doctest.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "scrape/api/json.h"
#include "simulator/fault.h"
#include "tests/e2e/exporter_run.h"
#include "tests/e2e/tmux.h"

using namespace std::chrono_literals;
using test::Process;
using test::Tmux;

namespace {

std::string StatusOf(const std::string& config) {
  return test::BinaryPath() + " status --config.file=" + config;
}

constexpr const char* kEverySecond = "  scrape_interval: 1s\n";

bool Has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

bool Ended(Process& process, int code) {
  if (process.Wait() != code) return false;
  return test::Eventually([&] { return !process.Out().empty() || !process.Err().empty(); });
}

}  // namespace

TEST_CASE("status prints a plain table of every key, and which have failed by its exit code") {
  simulator::Cloud cloud;
  const auto good = test::AddKey(cloud, "good");
  const auto wrong = test::AddKey(cloud, "wrong");
  cloud.SetFault("wrong", simulator::Rejected());
  cloud.Use("good", "reputation", 2000);
  const test::TempDir dir;
  Process status({test::BinaryPath(), "status",
                  "--config.file=" + test::WriteConfig(dir, cloud, {good, wrong})});
  REQUIRE(Ended(status, 3));
  const std::string table = status.Out();
  CHECK(Has(table, "2,000 / 4,000"));
  CHECK(Has(table, " 50 %"));
  CHECK(table.find("wrong  critical") < table.find("good  ok"));
  CHECK(Has(table, "  ! "));
  CHECK(Has(table, "\n2 keys: 1 critical, 1 ok\n"));
  CHECK_FALSE(Has(table, "\x1b"));
  CHECK_FALSE(Has(table, "█"));
  // It is all in the table.
  CHECK(status.Err() == "");
  CHECK(cloud.RequestsOf("wrong").size() == 1);
}

TEST_CASE("status as JSON is what the page's JSON is") {
  simulator::Cloud cloud;
  const auto key = test::AddKey(cloud, "only");
  const test::TempDir dir;
  Process status({test::BinaryPath(), "--output=json", "status",
                  "--config.file=" + test::WriteConfig(dir, cloud, {key})});
  REQUIRE(Ended(status, 0));
  const auto document = scrape::JsonDocument::Parse(status.Out());
  REQUIRE(document);
  const auto keys = document->Root()->FindObjects("keys");
  REQUIRE(keys.size() == 1);
  CHECK(keys[0].FindString("key") == "only");
}

TEST_CASE("what does not go out is an error") {
  simulator::Cloud cloud;
  const auto key = test::AddKey(cloud, "only");
  const test::TempDir dir;
  Process status({"/bin/sh", "-c", StatusOf(test::WriteConfig(dir, cloud, {key})) + " >/dev/full"});
  REQUIRE(Ended(status, 1));
  CHECK(status.Err() == "mdcloud_exporter: standard output cannot be written\n");
}

TEST_CASE("in a terminal the table fits, with colours and blocks, unless they are not wanted") {
  simulator::Cloud cloud;
  std::vector<simulator::KeyScript> keys = {test::AddKey(cloud, "good"),
                                            test::AddKey(cloud, std::string(70, 'w'))};
  cloud.Use("good", "prevention", 39);
  const test::TempDir dir;
  const std::string command = StatusOf(test::WriteConfig(dir, cloud, keys));
  for (const int columns : {80, 50, 24}) {
    CAPTURE(columns);
    const Tmux terminal(columns, 120, command);
    REQUIRE(terminal.Shows("ended with 0"));
    const std::string screen = terminal.Screen();
    CAPTURE(screen);
    CHECK(Has(screen, "2 keys: "));
    // In a line that was wrapped something would stand at the very left that does not begin a line.
    CHECK(Has(screen, "\n  prevention"));
    CHECK(Has(screen, columns < 50 ? "97 %" : "█"));
    CHECK(Has(terminal.Screen(true), "\x1b["));
  }
  const Tmux plain(80, 120, command, {{"NO_COLOR", "1"}, {"LC_ALL", "C"}});
  REQUIRE(plain.Shows("ended with 0"));
  CHECK(Has(plain.Screen(true), "prevention"));
  CHECK_FALSE(Has(plain.Screen(true), "\x1b["));
  CHECK_FALSE(Has(plain.Screen(true), "█"));
}

TEST_CASE("a line tells how far a long round is, and goes") {
  simulator::Cloud cloud;
  std::vector<simulator::KeyScript> keys = {test::AddKey(cloud, "quick"),
                                            test::AddKey(cloud, "slow")};
  cloud.SetFault("slow", simulator::Hang());
  const test::TempDir dir;
  const std::string config = test::WriteConfig(dir, cloud, keys);
  for (const std::string command : {"status", "once"}) {
    CAPTURE(command);
    const Tmux terminal(80, 200, test::BinaryPath() + " " + command + " --config.file=" + config);
    CHECK(terminal.Shows("asked 1 of 2 keys"));
    CHECK(terminal.Shows("ended with 3"));
    CHECK_FALSE(Has(terminal.Screen(), "asked 1 of 2 keys"));
  }
}

TEST_CASE("watching, what is new takes the old one's place, until somebody presses Ctrl-C") {
  simulator::Cloud cloud;
  const auto key = test::AddKey(cloud, "watched");
  const test::TempDir dir;
  Tmux terminal(100, 24, StatusOf(test::WriteConfig(dir, cloud, {key}, kEverySecond)) + " --watch");
  REQUIRE(terminal.Shows("0 / 4,000"));
  cloud.Use("watched", "reputation", 123);
  REQUIRE(terminal.Shows("123 / 4,000"));
  CHECK_FALSE(Has(terminal.Screen(), "0 / 4,000\n"));
  terminal.Resize(40, 12);
  CHECK(terminal.Shows("more lines"));
  CHECK(terminal.Shows("watched  "));
  terminal.Press("C-c");
  CHECK(terminal.Shows("ended with 0"));
}

TEST_CASE("watching in a pipe appends, and ends with the process's end") {
  simulator::Cloud cloud;
  const auto key = test::AddKey(cloud, "watched");
  const test::TempDir dir;
  Process status({test::BinaryPath(), "status", "--watch", "--output=json",
                  "--config.file=" + test::WriteConfig(dir, cloud, {key}, kEverySecond)});
  const auto lines = [&] {
    const std::string out = status.Out();
    return std::count(out.begin(), out.end(), '\n');
  };
  CHECK(test::Eventually([&] { return lines() >= 3; }));
  status.Signal(SIGTERM);
  CHECK(status.Wait() == 0);
}

TEST_CASE("watching ends when nobody reads, and when the terminal goes") {
  simulator::Cloud cloud;
  const auto key = test::AddKey(cloud, "watched");
  const test::TempDir dir;
  const std::string command =
      StatusOf(test::WriteConfig(dir, cloud, {key}, kEverySecond)) + " --watch";
  Process unread({"/bin/bash", "-c", "set -o pipefail; " + command + " | head -n 1"});
  CHECK(unread.Wait() == 1);
  Process left({"/bin/sh", "-c", "exec " + command});
  REQUIRE(test::Eventually([&] { return Has(left.Out(), "watched"); }));
  left.Signal(SIGHUP);
  CHECK(left.Wait() == 0);
}

TEST_CASE("a file that does not answer can be left") {
  const test::TempDir dir;
  const std::string config = dir.path() + "/config.yaml";
  REQUIRE(mkfifo(config.c_str(), 0600) == 0);
  for (const std::string command : {"status", "once"}) {
    CAPTURE(command);
    Process waiting({test::BinaryPath(), command, "--config.file=" + config});
    // It reads once there is somebody who could write; before that it may not even have begun.
    const int writer = open(config.c_str(), O_WRONLY | O_CLOEXEC);
    REQUIRE(writer >= 0);
    waiting.Signal(SIGINT);
    CHECK(waiting.Wait() == 1);
    close(writer);
  }
}

TEST_CASE("Ctrl-C ends a round at once") {
  simulator::Cloud cloud;
  const auto key = test::AddKey(cloud, "slow");
  cloud.SetFault("slow", simulator::Hang());
  const test::TempDir dir;
  Tmux terminal(80, 24, StatusOf(test::WriteConfig(dir, cloud, {key})));
  REQUIRE(terminal.Shows("asked 0 of 1 key"));
  terminal.Press("C-c");
  CHECK(terminal.Shows("ended with 1"));
}
