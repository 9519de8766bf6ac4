#include "tests/e2e/exporter_run.h"

#include <doctest/doctest.h>

#include <random>

namespace test {

simulator::KeyScript AddKey(simulator::Cloud& cloud, const std::string& name) {
  thread_local std::mt19937_64 random{std::random_device()()};
  simulator::KeyScript script;
  script.name = name;
  script.apikey = simulator::FakeApikey(random);
  cloud.AddKey(script);
  return script;
}

std::string BinaryPath() { return MDCLOUD_EXPORTER_BINARY; }

std::string WriteConfig(const TempDir& dir, const simulator::Cloud& cloud,
                        const std::vector<simulator::KeyScript>& keys, const std::string& global) {
  std::string text =
      "global:\n  base_url: " + cloud.BaseUrl() + "\n  scrape_timeout: 1s\n" + global + "keys:\n";
  for (const simulator::KeyScript& key : keys) {
    dir.Write(key.name, key.apikey + "\n");
    text += "  - {name: " + key.name + ", apikey_file: " + key.name + "}\n";
  }
  return dir.Write("config.yaml", text);
}

ExporterRun::ExporterRun(const simulator::Cloud& cloud, const RunOptions& options) {
  std::string config = "global:\n  base_url: " + cloud.BaseUrl() + "\n" + options.intervals +
                       "  max_requests_per_second: 400\n" + options.global + "keys:\n";
  for (const simulator::KeyScript& key : options.keys) {
    dir_.Write("keys/" + key.name, key.apikey + "\n");
    const auto own = options.options_of.find(key.name);
    config += "  - {name: " + key.name + ", apikey_file: keys/" + key.name + options.key_options +
              (own == options.options_of.end() ? "" : own->second) + "}\n";
  }
  config_file_ = dir_.Write("config.yaml", config + options.after_keys);
  std::vector<std::string> arguments = options.launcher;
  for (const auto& words : {std::vector<std::string>{BinaryPath(), "--config.file=" + config_file_,
                                                     "--web.listen-address=127.0.0.1:0"},
                            options.arguments}) {
    arguments.insert(arguments.end(), words.begin(), words.end());
  }
  process_ = std::make_unique<Process>(arguments, options.environment);
  port_ = process_->ErrAfter("msg=listening address=127.0.0.1:");
  if (port_.empty()) FAIL("the exporter does not listen:\n" << process_->Err());
}

Exposition ExporterRun::Metrics() const {
  const Fetched answer = Fetch(Url("/metrics"));
  REQUIRE(answer.status == 200);
  Exposition metrics = CheckExposition(answer.body);
  CHECK_MESSAGE(metrics.problems.empty(), metrics.Problems());
  return metrics;
}

bool ExporterRun::WaitForReason(const std::string& key, const std::string& reason) const {
  return Eventually([&] {
    const Exposition metrics = Metrics();
    for (const char* collector : {"info", "limits", "status", "history"}) {
      if (metrics.Has("mdcloud_scrape_collector_error",
                      {{"key", key}, {"collector", collector}, {"reason", reason}})) {
        return true;
      }
    }
    return false;
  });
}

bool ExporterRun::WaitForFreshData(const std::string& key,
                                   std::chrono::system_clock::time_point since) const {
  const auto from = since.time_since_epoch();
  return Eventually([&] {
    const Exposition metrics = Metrics();
    for (const char* collector : {"info", "limits", "status", "history"}) {
      const std::map<std::string, std::string> labels = {{"key", key}, {"collector", collector}};
      const bool on = metrics.Has("mdcloud_scrape_collector_interval_seconds", labels);
      if (!on && collector == std::string("history")) continue;
      const char* const name = "mdcloud_scrape_collector_last_success_timestamp_seconds";
      if (!metrics.Has(name, labels)) return false;
      // A request that was answered after `from` may have been sent before: ask for some slack.
      if (std::chrono::duration<double>(metrics.Value(name, labels)) <=
          from + std::chrono::milliseconds(500)) {
        return false;
      }
    }
    return true;
  });
}

bool ExporterRun::WaitUntilReady() const {
  return Eventually([&] { return Fetch(Url("/-/ready")).status == 200; });
}

void CheckUnharmed(const ExporterRun& run, simulator::Cloud& cloud,
                   const std::vector<simulator::KeyScript>& keys) {
  for (const simulator::KeyScript& key : keys) cloud.Use(key.name, "reputation", 3);
  const auto since = std::chrono::system_clock::now();
  for (const simulator::KeyScript& key : keys) {
    CHECK_MESSAGE(run.WaitForFreshData(key.name, since), key.name);
  }
  const Exposition metrics = run.Metrics();
  for (const simulator::KeyScript& key : keys) {
    for (const std::string& difference :
         DifferencesFromTruth(metrics, key.name, cloud.Truth(key.name))) {
      FAIL_CHECK(difference);
    }
    CHECK_MESSAGE(metrics.Value("mdcloud_up", {{"key", key.name}}) == 1, key.name);
    CHECK(metrics.Value("mdcloud_apikey_valid", {{"key", key.name}}) == 1);
  }
}

std::vector<std::string> DifferencesFromTruth(const Exposition& metrics, const std::string& key,
                                              const simulator::KeyTruth& truth) {
  std::vector<std::string> differences;
  const auto compare = [&](const std::string& name,
                           const std::map<std::string, std::string>& labels,
                           std::int64_t expected) {
    if (!metrics.Has(name, labels)) {
      differences.push_back(key + ": " + name + " " + labels.begin()->second + " is missing");
    } else if (metrics.Value(name, labels) != static_cast<double>(expected)) {
      differences.push_back(key + ": " + name + " " + labels.begin()->second + " is " +
                            std::to_string(metrics.Value(name, labels)) + ", not " +
                            std::to_string(expected));
    }
  };
  for (const auto& [family, values] : truth.families) {
    const std::map<std::string, std::string> labels = {{"key", key}, {"api", family}};
    compare("mdcloud_quota_used", labels, values.used);
    compare("mdcloud_quota_remaining", labels, values.remaining);
    if (family != "download_file") compare("mdcloud_quota_limit", labels, values.limit);
  }
  compare("mdcloud_throttle_remaining", {{"key", key}}, truth.throttling_remaining);
  return differences;
}

}  // namespace test
