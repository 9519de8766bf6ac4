// Another configuration while the exporter runs: by SIGHUP, by /-/reload, by itself.

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "tests/e2e/exporter_run.h"

using namespace std::chrono_literals;
using test::Eventually;
using test::ExporterRun;
namespace fs = std::filesystem;

namespace {

constexpr const char* kSuccessful = "mdcloud_exporter_config_last_reload_successful";
constexpr const char* kSuccessTime =
    "mdcloud_exporter_config_last_reload_success_timestamp_seconds";

std::string ReadFile(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

void Replace(const std::string& path, const std::string& text) {
  std::ofstream(path + ".new") << text;
  fs::rename(path + ".new", path);
}

void WriteKey(const ExporterRun& run, const simulator::KeyScript& key) {
  std::ofstream(fs::path(run.config_file()).parent_path() / "keys" / key.name) << key.apikey;
}

std::string Entry(const std::string& name) {
  return "  - {name: " + name + ", apikey_file: keys/" + name + "}\n";
}

test::Fetched Reload(const ExporterRun& run, const std::string& method = "POST") {
  return test::Fetch(run.Url("/-/reload"), {.method = method, .headers = {}});
}

std::set<std::string> KeysIn(const test::Exposition& metrics) {
  std::set<std::string> keys;
  const test::Family* up = metrics.Find("mdcloud_up");
  if (up == nullptr) return keys;
  for (const test::Sample& sample : up->samples) keys.insert(sample.labels.at(0).second);
  return keys;
}

}  // namespace

TEST_CASE("SIGHUP takes another configuration over and keeps what is known of unchanged keys") {
  simulator::Cloud cloud;
  const auto stays = test::AddKey(cloud, "stays");
  const auto goes = test::AddKey(cloud, "goes");
  const auto comes = test::AddKey(cloud, "comes");
  ExporterRun run(cloud, {.global = "", .key_options = "", .arguments = {}, .keys = {stays, goes}});
  REQUIRE(run.WaitForFreshData("stays"));
  REQUIRE(run.WaitForFreshData("goes"));
  const std::size_t info_before = cloud.RequestsOf("stays").size();
  WriteKey(run, comes);
  std::string config = ReadFile(run.config_file());
  config = config.substr(0, config.find("keys:\n")) + "keys:\n" + Entry("stays") + Entry("comes");
  Replace(run.config_file(), config);
  const double loaded = run.Metrics().Value(kSuccessTime, {});
  run.process().Signal(SIGHUP);
  CHECK(Eventually([&] {
    return KeysIn(run.Metrics()) == std::set<std::string>{"comes", "stays"};
  }));
  CHECK(run.Metrics().Value("mdcloud_up", {{"key", "stays"}}) == 1);  // not for a moment unknown
  CHECK(run.WaitForFreshData("comes"));
  CHECK(run.Metrics().Value(kSuccessful, {}) == 1);
  CHECK(run.Metrics().Value(kSuccessTime, {}) > loaded);
  CHECK(cloud.RequestsOf("stays").size() >= info_before);
  cloud.ForgetRequests();
  test::CheckUnharmed(run, cloud, {stays, comes});
  CHECK(cloud.RequestsOf("goes").empty());
}

TEST_CASE("a wrong configuration changes nothing but what is said of it") {
  simulator::Cloud cloud;
  const auto key = test::AddKey(cloud, "key");
  ExporterRun run(
      cloud,
      {.global = "", .key_options = "", .arguments = {"--web.enable-lifecycle"}, .keys = {key}});
  REQUIRE(run.WaitForFreshData("key"));
  const std::string good = ReadFile(run.config_file());
  const double loaded = run.Metrics().Value(kSuccessTime, {});
  Replace(run.config_file(), good + "nonsense: 1\nkeys: []\n");
  const test::Fetched refused = Reload(run);
  CHECK(refused.status == 500);
  CHECK(refused.body.find("config.yaml:9:1: 'nonsense' is not an option") != std::string::npos);
  CHECK(refused.body.find("config.yaml:10:1: 'keys' ") != std::string::npos);
  CHECK(run.Metrics().Value(kSuccessful, {}) == 0);
  CHECK(run.Metrics().Value(kSuccessTime, {}) == loaded);
  test::CheckUnharmed(run, cloud, {key});
  CHECK(run.process().Err().find("level=error") != std::string::npos);
  Replace(run.config_file(), good);
  CHECK(Reload(run, "PUT").status == 200);
  CHECK(run.Metrics().Value(kSuccessful, {}) == 1);
}

TEST_CASE("/-/reload is there only when it was switched on, and for POST and PUT") {
  simulator::Cloud cloud;
  const auto key = test::AddKey(cloud, "key");
  const ExporterRun off(cloud, {.global = "", .key_options = "", .arguments = {}, .keys = {key}});
  CHECK(Reload(off).status == 403);
  const ExporterRun on(
      cloud,
      {.global = "", .key_options = "", .arguments = {"--web.enable-lifecycle"}, .keys = {key}});
  CHECK(Reload(on).status == 200);
  for (const char* method : {"GET", "DELETE"}) {
    const test::Fetched answer = Reload(on, method);
    CHECK(answer.status == 405);
    CHECK(answer.headers.at("allow") == "POST, PUT");
  }
}

TEST_CASE("with --config.auto-reload a changed file is enough") {
  simulator::Cloud cloud;
  const auto first = test::AddKey(cloud, "first");
  const auto second = test::AddKey(cloud, "second");
  const ExporterRun run(
      cloud,
      {.global = "", .key_options = "", .arguments = {"--config.auto-reload"}, .keys = {first}});
  const std::string good = ReadFile(run.config_file());
  Replace(run.config_file(), good + Entry("second"));  // whose file is not there yet
  CHECK(Eventually([&] { return run.Metrics().Value(kSuccessful, {}) == 0; }));
  CHECK(KeysIn(run.Metrics()) == std::set<std::string>{"first"});
  WriteKey(run, second);
  CHECK(Eventually([&] { return KeysIn(run.Metrics()).contains("second"); }));
  CHECK(Eventually([&] { return run.Metrics().Value(kSuccessful, {}) == 1; }));
  Replace(run.config_file(), good);
  CHECK(Eventually([&] { return !KeysIn(run.Metrics()).contains("second"); }));
}

TEST_CASE("a reload says when the caps stretch the intervals") {
  simulator::Cloud cloud;
  const auto key = test::AddKey(cloud, "key");
  ExporterRun run(
      cloud,
      {.global = "", .key_options = "", .arguments = {"--web.enable-lifecycle"}, .keys = {key}});
  std::string config = ReadFile(run.config_file());
  const std::string cap = "max_requests_per_second: 400";
  config.replace(config.find(cap), cap.size(), "max_requests_per_second: 1");
  Replace(run.config_file(), config);
  CHECK(Reload(run).status == 200);
  CHECK(Eventually([&] {
    return run.process().Err().find("need more than max_requests_per_second (1)") !=
           std::string::npos;
  }));
}

TEST_CASE("a reload that hangs holds nobody up, and SIGTERM ends it all the same") {
  simulator::Cloud cloud;
  const auto key = test::AddKey(cloud, "key");
  ExporterRun run(
      cloud,
      {.global = "", .key_options = "", .arguments = {"--web.enable-lifecycle"}, .keys = {key}});
  REQUIRE(run.WaitForFreshData("key"));
  const std::string pipe = (fs::path(run.config_file()).parent_path() / "keys" / "pipe").string();
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  const int writer = open(pipe.c_str(), O_RDWR);  // and nothing is written
  Replace(run.config_file(), ReadFile(run.config_file()) + Entry("pipe"));
  std::atomic<int> status = -1;
  const std::jthread waits([&] { status = Reload(run).status; });
  run.process().Signal(SIGHUP);
  test::CheckUnharmed(run, cloud, {key});
  CHECK(test::Fetch(run.Url("/-/healthy")).status == 200);
  CHECK(status == -1);
  const auto begin = std::chrono::steady_clock::now();
  run.process().Signal(SIGTERM);
  CHECK(run.process().Wait(20s) == 0);  // 2 s are promised
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  MESSAGE("ended after " << took.count() << " s");
  close(writer);
}

TEST_CASE("a reload changes the log level, and gives it back to the flag") {
  simulator::Cloud cloud;
  const auto key = test::AddKey(cloud, "key");
  ExporterRun run(
      cloud,
      {.global = "", .key_options = "", .arguments = {"--web.enable-lifecycle"}, .keys = {key}});
  const auto reloads_told = [&] {
    const std::string log = run.process().Err();
    std::size_t count = 0;
    for (std::size_t at = log.find("configuration reloaded"); at != std::string::npos;
         at = log.find("configuration reloaded", at + 1)) {
      ++count;
    }
    return count;
  };
  REQUIRE(Reload(run).status == 200);
  CHECK(Eventually([&] { return reloads_told() == 1; }));
  const std::string config = ReadFile(run.config_file());
  Replace(run.config_file(), "log_level: error\n" + config);
  REQUIRE(Reload(run).status == 200);
  REQUIRE(Reload(run).status == 200);
  Replace(run.config_file(), config);
  REQUIRE(Reload(run).status == 200);
  // Lines are written in order: the two under `error` would be there before the last one.
  CHECK(Eventually([&] { return reloads_told() >= 2; }));
  CHECK(reloads_told() == 2);
}

// The address sanitizer keeps 256 MiB of what was freed: that would be measured, not the exporter.
const std::map<std::string, std::string> kLittleQuarantine = {
    {"ASAN_OPTIONS", "quarantine_size_mb=1"}};

// Two thirds of the keys stay, the others come and go; everything is scraped as fast as it answers.
TEST_CASE("1000 reloads under load lose no count, show no wrong series and leak nothing") {
  simulator::Cloud cloud;
  std::vector<simulator::KeyScript> stay;
  std::vector<simulator::KeyScript> all;
  for (int i = 0; i < 20; ++i) {
    auto key = test::AddKey(cloud, "stays-" + std::to_string(i));
    key.families = {{"prevention", 1'000'000}};
    cloud.AddKey(key);
    stay.push_back(key);
    all.push_back(key);
  }
  std::map<std::string, std::string> connections;  // of half of them, and one of their own for each
  for (int i = 0; i < 20; i += 2) {
    connections["stays-" + std::to_string(i)] =
        ", tls_config: {server_name: host-" + std::to_string(i) + ".example.com}";
  }
  std::vector<std::string> entries;
  for (int i = 0; i < 10; ++i) {
    all.push_back(test::AddKey(cloud, "moves-" + std::to_string(i)));
    entries.push_back(Entry(all.back().name));
  }
  ExporterRun run(cloud, {.global = "",
                          .key_options = "",
                          .arguments = {"--web.enable-lifecycle"},
                          .keys = all,
                          .options_of = connections,
                          .environment = kLittleQuarantine});
  for (const auto& key : all) REQUIRE(run.WaitForFreshData(key.name));
  const auto polls = [&](const std::string& name) { return cloud.RequestsOf(name).size(); };
  for (const auto& key : stay) {
    REQUIRE(Eventually([&] { return polls(key.name) >= 15; }));  // the counters have begun
  }
  const std::string full = ReadFile(run.config_file());
  const std::string base = full.substr(0, full.find(entries[0]));

  std::mutex mutex;
  std::set<std::set<std::string>> sets = {KeysIn(run.Metrics())};  // that were configured
  std::atomic<bool> done = false;
  std::atomic<int> scrapes = 0;
  std::vector<std::string> faults;  // of the scrapers
  const auto scrape = [&] {
    std::map<std::string, double> counted;
    while (!done) {
      // Under fifty a second: what checks the bodies must not take the machine from what is tested.
      std::this_thread::sleep_for(60ms);
      const test::Fetched answer = test::Fetch(run.Url("/metrics"));
      ++scrapes;
      const std::scoped_lock lock(mutex);
      if (answer.status != 200) {
        faults.push_back("status " + std::to_string(answer.status));
        continue;
      }
      const test::Exposition metrics = test::CheckExposition(answer.body);
      if (!metrics.problems.empty()) faults.push_back(metrics.Problems());
      if (!sets.contains(KeysIn(metrics))) faults.emplace_back("a set of keys nobody configured");
      for (const auto& key : stay) {
        const std::map<std::string, std::string> labels = {{"key", key.name},
                                                           {"api", "prevention"}};
        if (!metrics.Has("mdcloud_quota_consumed_total", labels)) {
          faults.push_back(key.name + " has no counter");
          continue;
        }
        const double value = metrics.Value("mdcloud_quota_consumed_total", labels);
        if (value < std::exchange(counted[key.name], value)) faults.push_back(key.name + " fell");
      }
    }
  };
  std::vector<std::jthread> scrapers;
  for (int i = 0; i < 3; ++i) scrapers.emplace_back(scrape);
  cloud.ForgetRequests();
  const auto begin = std::chrono::steady_clock::now();
  double memory = 0;
  for (int i = 0; i < 1000; ++i) {
    std::string config = base;
    std::set<std::string> keys;
    for (const auto& key : stay) keys.insert(key.name);
    for (std::size_t k = 0; k < entries.size(); ++k) {
      if ((static_cast<std::size_t>(i) * 7 + k * 3) % 10 < 5) continue;
      config += entries[k];
      keys.insert("moves-" + std::to_string(k));
    }
    {
      const std::scoped_lock lock(mutex);
      sets.insert(keys);
    }
    Replace(run.config_file(), config);
    REQUIRE(Reload(run).status == 200);
    cloud.Use(stay[static_cast<std::size_t>(i) % stay.size()].name, "prevention", 1);
    if (i == 200) memory = run.Metrics().Value("process_resident_memory_bytes", {});
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  // Every round of the keys that stayed was made: two collectors a second and one more.
  for (const auto& key : stay) {
    CAPTURE(key.name);
    CHECK(static_cast<double>(polls(key.name)) >= 3 * (took.count() - 2) * 0.8);
  }
  done = true;
  scrapers.clear();
  for (const std::string& fault : faults) FAIL_CHECK(fault);
  const double growth = run.Metrics().Value("process_resident_memory_bytes", {}) - memory;
  MESSAGE(took.count() << " s for 1000 reloads, " << scrapes.load() << " scrapes, " << growth / 1024
                       << " KiB more than after 200");
  CHECK(scrapes >= 100);
  CHECK(growth < 8 * 1024 * 1024);
  for (const auto& key : stay) {
    CHECK(Eventually([&] {
      return run.Metrics().Value("mdcloud_quota_consumed_total",
                                 {{"key", key.name}, {"api", "prevention"}}) ==
             static_cast<double>(cloud.Truth(key.name).families.at("prevention").total);
    }));
  }
  // Requests that come at one moment share a reload, and all are answered.
  std::vector<std::jthread> at_once;
  std::atomic<int> good = 0;
  for (int i = 0; i < 20; ++i) {
    at_once.emplace_back([&] { good += Reload(run).status == 200 ? 1 : 0; });
  }
  at_once.clear();
  CHECK(good == 20);
}
