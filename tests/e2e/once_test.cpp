// The command `once` of the real binary, and what a textfile collector gets of it.

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "simulator/fault.h"
#include "tests/e2e/exporter_run.h"
#include "tests/read_text.h"

namespace fs = std::filesystem;
using test::Process;

namespace {

Process Once(const std::string& config, std::vector<std::string> more = {}) {
  std::vector<std::string> arguments = {test::BinaryPath(), "once", "--config.file=" + config};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return Process(arguments);
}

}  // namespace

TEST_CASE("once asks every key one time and writes what it found") {
  simulator::Cloud cloud;
  const auto one = test::AddKey(cloud, "one");
  const auto two = test::AddKey(cloud, "two");
  cloud.Use("two", "prevention", 13);
  const test::TempDir dir;
  Process once = Once(test::WriteConfig(dir, cloud, {one, two}));
  CHECK(once.Wait() == 0);
  const test::Exposition metrics = test::CheckExposition(once.Out());
  CHECK(metrics.Problems() == "");
  CHECK(metrics.Value("mdcloud_quota_used", {{"api", "prevention"}, {"key", "two"}}) == 13);
  CHECK(metrics.Value("mdcloud_up", {{"key", "one"}}) == 1);
  CHECK(metrics.Value("mdcloud_exporter_configured_keys", {}) == 2);
  for (const char* name :
       {"process_cpu_seconds_total", "mdcloud_exporter_http_requests_total",
        "mdcloud_client_requests_total", "mdcloud_client_host_paused",
        "mdcloud_quota_consumed_total", "mdcloud_scrape_collector_next_attempt_timestamp_seconds",
        "mdcloud_scrape_collector_interval_seconds"}) {
    CHECK_MESSAGE(metrics.Find(name) == nullptr, name);
  }
  CHECK(cloud.Requests().size() == 6);
}

TEST_CASE("once says by its exit code that a key failed, and has the others all the same") {
  simulator::Cloud cloud;
  const auto good = test::AddKey(cloud, "good");
  const auto wrong = test::AddKey(cloud, "wrong");
  const auto hanging = test::AddKey(cloud, "hanging");
  cloud.SetFault("wrong", simulator::Rejected());
  cloud.SetFault("hanging", simulator::Hang());
  const test::TempDir dir;
  Process once = Once(test::WriteConfig(dir, cloud, {good, wrong, hanging}));
  CHECK(once.Wait() == 3);
  const test::Exposition metrics = test::CheckExposition(once.Out());
  CHECK(metrics.Problems() == "");
  CHECK(metrics.Value("mdcloud_up", {{"key", "good"}}) == 1);
  CHECK(metrics.Value("mdcloud_apikey_valid", {{"key", "wrong"}}) == 0);
  CHECK(metrics.Value("mdcloud_scrape_collector_error",
                      {{"collector", "limits"}, {"key", "hanging"}, {"reason", "timeout"}}) == 1);
  CHECK(once.Err().find("key=hanging") != std::string::npos);
  CHECK(cloud.RequestsOf("wrong").size() == 1);
  CHECK(cloud.RequestsOf("hanging").size() == 3);
  CHECK(cloud.RequestsOf("good").size() == 3);
}

TEST_CASE("once keeps to the budget: keys that are not asked are paused") {
  simulator::Cloud cloud;
  std::vector<simulator::KeyScript> keys;
  for (int i = 0; i < 6; ++i) {
    keys.push_back(test::AddKey(cloud, "wrong-" + std::to_string(i)));
    cloud.SetFault(keys.back().name, simulator::Rejected());
  }
  const test::TempDir dir;
  Process once = Once(test::WriteConfig(dir, cloud, keys));
  CHECK(once.Wait() == 3);
  CHECK(cloud.Requests().size() == 4);
  const test::Exposition metrics = test::CheckExposition(once.Out());
  const test::Family* const errors = metrics.Find("mdcloud_scrape_collector_error");
  REQUIRE(errors != nullptr);
  CHECK(std::ranges::count_if(errors->samples, [](const test::Sample& sample) {
          return std::ranges::find(sample.labels, std::pair<std::string, std::string>(
                                                      "reason", "paused")) != sample.labels.end();
        }) >= 6);
}

TEST_CASE("a file of once is replaced as a whole, or stays as it was") {
  simulator::Cloud cloud;
  const auto key = test::AddKey(cloud, "one");
  const test::TempDir dir;
  const std::string config = test::WriteConfig(dir, cloud, {key});
  const std::string file = dir.Write("textfile/mdcloud.prom", "old\n");
  const fs::perms all_read = fs::perms::owner_read | fs::perms::group_read | fs::perms::others_read;
  {
    Process once = Once(config, {"--output.file=" + file});
    CHECK(once.Wait() == 0);
    CHECK(once.Out().empty());
  }
  CHECK(test::CheckExposition(test::ReadText(file)).Problems() == "");
  CHECK((fs::status(file).permissions() & all_read) == all_read);
  CHECK(std::distance(fs::directory_iterator(dir.path() + "/textfile"), {}) == 1);
  Process lost = Once(config, {"--output.file=" + dir.path() + "/no/such/directory.prom"});
  CHECK(lost.Wait() == 1);
  CHECK(lost.Err().find("/no/such/directory.prom cannot be written: No such file or directory") !=
        std::string::npos);
  Process wrong = Once(dir.Write("broken.yaml", "keyz: []\n"), {"--output.file=" + file});
  CHECK(wrong.Wait() == 1);
  CHECK(test::CheckExposition(test::ReadText(file)).Problems() == "");
}

TEST_CASE("node_exporter takes what once writes, of two configurations, again and again") {
  simulator::Cloud cloud;
  const auto one = test::AddKey(cloud, "one");
  const auto two = test::AddKey(cloud, "two");
  cloud.SetFault("two", simulator::Rejected());
  const test::TempDir dir;
  const test::TempDir other;
  const std::string folder = dir.path() + "/textfile";
  fs::create_directory(folder);
  const std::string config_of_one = test::WriteConfig(dir, cloud, {one});
  const std::string config_of_two = test::WriteConfig(other, cloud, {two});
  Process node({"/usr/bin/prometheus-node-exporter", "--collector.disable-defaults",
                "--collector.textfile", "--collector.textfile.directory=" + folder,
                "--web.listen-address=127.0.0.1:0", "--web.disable-exporter-metrics"});
  const std::string port = node.ErrAfter("msg=\"Listening on\" address=127.0.0.1:");
  REQUIRE_MESSAGE(!port.empty(), node.Err());
  for (const double used : {5.0, 12.0}) {
    cloud.Use("one", "prevention", used == 5 ? 5 : 7);
    Process first = Once(config_of_one, {"--output.file=" + folder + "/one.prom"});
    CHECK(first.Wait() == 0);
    Process second = Once(config_of_two, {"--output.file=" + folder + "/two.prom"});
    CHECK(second.Wait() == 3);
    const test::Exposition collected =
        test::CheckExposition(test::Fetch("http://127.0.0.1:" + port + "/metrics").body);
    CHECK(collected.Problems() == "");
    CHECK(collected.Value("node_textfile_scrape_error", {}) == 0);
    CHECK(collected.Find("node_textfile_mtime_seconds")->samples.size() == 2);
    CHECK(collected.Value("mdcloud_quota_used", {{"api", "prevention"}, {"key", "one"}}) == used);
    std::size_t written = 0;
    for (const char* file : {"one.prom", "two.prom"}) {
      const test::Exposition metrics = test::CheckExposition(test::ReadText(folder + "/" + file));
      for (const test::Family& family : metrics.families) {
        CAPTURE(family.name);
        const test::Family* const found = collected.Find(family.name);
        REQUIRE(found != nullptr);
        CHECK(found->help == family.help);
        CHECK(found->type == family.type);
        for (const test::Sample& sample : family.samples) {
          ++written;
          CHECK(std::ranges::any_of(found->samples, [&](const test::Sample& other_sample) {
            return other_sample.labels == sample.labels && other_sample.value == sample.value;
          }));
        }
      }
    }
    CHECK(written > 60);
  }
}
