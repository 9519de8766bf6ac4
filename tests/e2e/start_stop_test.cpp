#include <doctest/doctest.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "simulator/fault.h"
#include "tests/e2e/exporter_run.h"

using test::ExporterRun;

namespace {

std::ptrdiff_t LinesOf(const std::string& text) {
  return std::count(text.begin(), text.end(), '\n');
}

}  // namespace

TEST_CASE("a port in use is one clear line and exit 1") {
  simulator::Cloud cloud;
  const auto key = test::AddKey(cloud, "key");
  const ExporterRun first(cloud, {.global = "", .key_options = "", .arguments = {}, .keys = {key}});
  const std::size_t requests = cloud.Requests().size();
  test::Process second({test::BinaryPath(), "--config.file=" + first.config_file(),
                        "--web.listen-address=127.0.0.1:" + first.port()});
  CHECK(second.Wait() == 1);
  CHECK(test::Eventually([&] { return second.Err().find("in use") != std::string::npos; }));
  CHECK(second.Err().find("--web.listen-address") != std::string::npos);  // what to do
  const std::string log = second.Err();
  std::size_t errors = 0;
  for (std::size_t at = log.find("level=error"); at != std::string::npos;
       at = log.find("level=error", at + 1))
    ++errors;
  CHECK(errors == 1);
  CHECK(log.find("127.0.0.1:" + first.port()) != std::string::npos);
  (void)requests;
}

TEST_CASE("a configuration that cannot be read is one clear line and exit 1") {
  const test::TempDir dir;
  const std::string unreadable = dir.Write("config.yaml", "keys: []\n");
  for (const std::string& file : {dir.path() + "/missing.yaml", dir.path()}) {
    test::Process process({test::BinaryPath(), "--config.file=" + file});
    CHECK(process.Wait() == 1);
    CHECK(test::Eventually([&] { return process.Err().find(file) != std::string::npos; }));
    CHECK(LinesOf(process.Err()) == 1);
  }
  test::Process nothing({"env", "-C", dir.path() + "/..", test::BinaryPath(), "check"});
  CHECK(nothing.Wait() == 1);
  CHECK(
      test::Eventually([&] { return nothing.Err().find("MDCLOUD_APIKEY") != std::string::npos; }));
  CHECK(LinesOf(nothing.Err()) == 1);
}

TEST_CASE("a secret file that is missing is named with file, line and column") {
  const test::TempDir dir;
  const std::string file = dir.Write("config.yaml", "keys:\n  - name: a\n    apikey_file: gone\n");
  test::Process process({test::BinaryPath(), "--config.file=" + file});
  CHECK(process.Wait() == 1);
  CHECK(test::Eventually([&] { return process.Err().find(file + ":3:") != std::string::npos; }));
}

TEST_CASE("an address that cannot be listened on is one clear line and exit 1") {
  simulator::Cloud cloud;
  const auto key = test::AddKey(cloud, "key");
  const ExporterRun run(cloud, {.global = "", .key_options = "", .arguments = {}, .keys = {key}});
  test::Process process({test::BinaryPath(), "--config.file=" + run.config_file(),
                         "--web.listen-address=no-such-host.invalid:0"});
  CHECK(process.Wait() == 1);
  CHECK(test::Eventually(
      [&] { return process.Err().find("no-such-host.invalid") != std::string::npos; }));
}

TEST_CASE("a usage error is one line and exit 2") {
  for (const char* argument : {"--no-such-flag", "--log.level=loud", "nonsense"}) {
    test::Process process({test::BinaryPath(), argument});
    CHECK(process.Wait() == 2);
    CHECK(test::Eventually([&] { return LinesOf(process.Err()) == 1; }));
  }
}

TEST_CASE("what cannot be printed is one line and exit 1") {
  for (const char* argument : {"--help", "--version", "check"}) {
    CAPTURE(argument);
    test::Process process({"sh", "-c", R"("$0" "$1" >/dev/full)", test::BinaryPath(), argument},
                          {{"MDCLOUD_APIKEY", "5e9f00000000000000000000000000a1"}});
    CHECK(process.Wait() == 1);
    CHECK(test::Eventually(
        [&] { return process.Err().find("standard output") != std::string::npos; }));
    CHECK(LinesOf(process.Err()) == 1);
  }
}

TEST_CASE("SIGTERM and SIGINT end it with 0 while the service hangs") {
  simulator::Cloud cloud;
  std::vector<simulator::KeyScript> keys;
  for (int i = 0; i < 20; ++i) {
    keys.push_back(test::AddKey(cloud, "hanging-" + std::to_string(i)));
    cloud.SetFault(keys.back().name, simulator::Hang());
  }
  for (const int signal : {SIGTERM, SIGINT}) {
    ExporterRun run(cloud, {.global = "", .key_options = "", .arguments = {}, .keys = keys});
    // Of keys that were never accepted, no more are in flight.
    REQUIRE(test::Eventually([&] { return cloud.Requests().size() >= 4; }));
    const auto begin = std::chrono::steady_clock::now();
    run.process().Signal(signal);
    CHECK(run.process().Wait(std::chrono::seconds(20)) == 0);  // 2 s are promised
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    MESSAGE("ended after " << took.count() << " s");
    cloud.ForgetRequests();
  }
}

TEST_CASE("SIGTERM ends a start that hangs on a file") {
  const test::TempDir dir;
  const std::string file = dir.Write("config.yaml", "keys: [{name: a, apikey_file: pipe}]\n");
  const std::string pipe = dir.path() + "/pipe";
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  const int writer = open(pipe.c_str(), O_RDWR | O_CLOEXEC);  // and nothing is written
  test::Process process({test::BinaryPath(), "--config.file=" + file});
  // It holds the pipe open once it waits for it.
  REQUIRE(test::Eventually([&] {
    std::error_code gone;
    for (const auto& entry : std::filesystem::directory_iterator(
             "/proc/" + std::to_string(process.pid()) + "/fd", gone)) {
      if (std::filesystem::read_symlink(entry.path(), gone) == pipe) return true;
    }
    return false;
  }));
  process.Signal(SIGTERM);
  CHECK(process.Wait() == 0);
  close(writer);
}

TEST_CASE("SIGHUP does not end it") {
  simulator::Cloud cloud;
  const auto key = test::AddKey(cloud, "key");
  ExporterRun run(cloud, {.global = "", .key_options = "", .arguments = {}, .keys = {key}});
  run.process().Signal(SIGHUP);
  CHECK(test::Eventually(
      [&] { return run.process().Err().find("configuration reloaded") != std::string::npos; }));
  CHECK(test::Fetch(run.Url("/-/healthy")).status == 200);
}

TEST_CASE("the demo says that it has nothing to reload, however it is asked") {
  test::Process demo(
      {test::BinaryPath(), "demo", "--web.listen-address=127.0.0.1:0", "--web.enable-lifecycle"});
  const std::string port = demo.ErrAfter("msg=listening address=127.0.0.1:");
  REQUIRE_FALSE(port.empty());
  const test::Fetched answer =
      test::Fetch("http://127.0.0.1:" + port + "/-/reload", {.method = "POST", .headers = {}});
  CHECK(answer.status == 500);
  CHECK(answer.body.find("there is no configuration to reload") != std::string::npos);
  demo.Signal(SIGHUP);
  CHECK(test::Eventually([&] {
    return demo.Err().find("SIGHUP: there is no configuration to reload") != std::string::npos;
  }));
}

TEST_CASE("the demo says where to look, first at the page for people") {
  test::Process demo({test::BinaryPath(), "demo", "--web.listen-address=127.0.0.1:0",
                      "--web.telemetry-path=/numbers"});
  const std::string url = "http://127.0.0.1:" + demo.ErrAfter("msg=listening address=127.0.0.1:");
  CHECK(test::Eventually([&] { return demo.Out().find("Ctrl-C") != std::string::npos; }));
  const std::string said = demo.Out();
  CHECK(said.find(url + "/ ") < said.find(url + "/numbers "));
  CHECK(said.find(url + "/numbers ") != std::string::npos);
  CHECK(said.find("made to fail") != std::string::npos);  // so that nobody looks for the fault
}

TEST_CASE("the demo shows every kind of key") {
  test::Process demo({test::BinaryPath(), "demo", "--web.listen-address=127.0.0.1:0"});
  const std::string port = demo.ErrAfter("msg=listening address=127.0.0.1:");
  REQUIRE_FALSE(port.empty());
  const auto metrics = [&] {
    return test::CheckExposition(test::Fetch("http://127.0.0.1:" + port + "/metrics").body);
  };
  const auto has_reason = [&](const std::string& reason) {
    const test::Exposition now = metrics();
    const test::Family* errors = now.Find("mdcloud_scrape_collector_error");
    if (errors == nullptr) return false;
    return std::any_of(errors->samples.begin(), errors->samples.end(),
                       [&](const test::Sample& sample) {
                         return std::find(sample.labels.begin(), sample.labels.end(),
                                          std::pair<std::string, std::string>("reason", reason)) !=
                                sample.labels.end();
                       });
  };
  for (const char* reason : {"unauthorized", "throttled", "timeout", "decode"}) {
    CAPTURE(reason);
    CHECK(test::Eventually([&] { return has_reason(reason); }, std::chrono::seconds(60)));
  }
  const test::Exposition now = metrics();
  CHECK(now.problems.empty());
  CHECK(now.Value("mdcloud_up", {{"key", "mail-gateway"}}) == 1);
  CHECK(now.Value("mdcloud_apikey_expiration_days", {{"key", "expired"}}) < 0);
  CHECK(now.Find("mdcloud_organization_quota_limit") != nullptr);
}
