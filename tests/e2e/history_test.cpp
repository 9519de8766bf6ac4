// The scan history: the real binary reads it from the simulated service, page by page.

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "http/query.h"
#include "scrape/api/scan_history.h"
#include "simulator/fault.h"
#include "tests/command_output.h"
#include "tests/e2e/exporter_run.h"

using namespace std::chrono_literals;
using simulator::Cloud;
using simulator::Endpoint;
using simulator::ScanTruth;
using test::ExporterRun;
using test::Exposition;
using test::RunOptions;

namespace {

constexpr const char* kIntervals =
    "  scrape_interval: 1s\n  info_interval: 1s\n  history_interval: 1s\n  scrape_timeout: 2s\n";
constexpr const char* kOneRound =
    "  scrape_interval: 1s\n  info_interval: 1s\n  history_interval: 1h\n";
constexpr const char* kAll = ", collectors: [info, limits, status, history]";

simulator::KeyScript AddKey(Cloud& cloud, const std::string& name,
                            const simulator::ScanScript& scans) {
  simulator::KeyScript script = test::AddKey(cloud, name);
  script.scans = scans;
  cloud.AddKey(script);
  return script;
}

RunOptions Options(std::vector<simulator::KeyScript> keys, std::string history = "") {
  return {.global = "",
          .key_options = kAll,
          .arguments = {},
          .keys = std::move(keys),
          .after_keys = std::move(history),
          .intervals = kIntervals};
}

using Labels = std::map<std::string, std::string>;

double Value(const Exposition& metrics, const std::string& name, const std::string& key,
             Labels labels = {}) {
  labels["key"] = key;
  return metrics.Has(name, labels) ? metrics.Value(name, labels) : -1;
}

double Sum(const Exposition& metrics, const std::string& name, const std::string& key) {
  const test::Family* const family = metrics.Find(name);
  if (family == nullptr) return -1;
  double sum = 0;
  for (const test::Sample& sample : family->samples) {
    const bool of_key =
        std::find(sample.labels.begin(), sample.labels.end(),
                  std::pair<std::string, std::string>("key", key)) != sample.labels.end();
    if (of_key) sum += sample.value;
  }
  return sum;
}

std::int64_t Finished(const ScanTruth& truth) {
  std::int64_t finished = 0;
  for (const auto& [code, count] : truth.results) finished += count;
  return finished;
}

// A clock that stands still but when it is moved, for scans that come in between two rounds.
class Clock {
 public:
  [[nodiscard]] simulator::TimePoint Now() const { return begin_ + passed_.load(); }
  void Pass(std::chrono::milliseconds time) { passed_ = passed_.load() + time; }

 private:
  const simulator::TimePoint begin_ = std::chrono::steady_clock::now();
  std::atomic<std::chrono::milliseconds> passed_{0ms};
};

std::string LogOf(ExporterRun& run) {
  run.process().Signal(SIGTERM);
  CHECK(run.process().Wait(10s) == 0);
  return run.process().Err();
}

void CheckCounts(const Exposition& metrics, const std::string& key, const ScanTruth& truth) {
  CAPTURE(key);
  for (const auto& [code, count] : truth.results) {
    const auto label = code < 0 ? "other" : scrape::kScanResults.at(static_cast<std::size_t>(code));
    CHECK(Value(metrics, "mdcloud_scans_total", key, {{"result", std::string(label)}}) ==
          static_cast<double>(count));
  }
  CHECK(Sum(metrics, "mdcloud_scans_total", key) == static_cast<double>(Finished(truth)));
  for (const auto& [verdict, count] : truth.dlp) {
    const std::string label(scrape::kDlpVerdicts.at(static_cast<std::size_t>(verdict)));
    CHECK(Value(metrics, "mdcloud_scan_dlp_verdicts_total", key, {{"verdict", label}}) ==
          static_cast<double>(count));
  }
  std::int64_t sandbox = 0;
  for (const auto& [verdict, count] : truth.sandbox) sandbox += count;
  CHECK(Sum(metrics, "mdcloud_scan_sandbox_verdicts_total", key) == static_cast<double>(sandbox));
  std::int64_t sanitized = 0;
  for (const auto& [result, count] : truth.sanitized) sanitized += count;
  CHECK(Sum(metrics, "mdcloud_scan_sanitizations_total", key) == static_cast<double>(sanitized));
  CHECK(Value(metrics, "mdcloud_scans_blocked_total", key) == static_cast<double>(truth.blocked));
  CHECK(Value(metrics, "mdcloud_scan_engines_total", key) == static_cast<double>(truth.engines));
  CHECK(Value(metrics, "mdcloud_scan_engine_detections_total", key) ==
        static_cast<double>(truth.detections));
  CHECK(Value(metrics, "mdcloud_scan_history_in_progress", key) == 0);
  CHECK(Value(metrics, "mdcloud_scan_history_truncated", key) == 0);
}

}  // namespace

TEST_CASE("every scan is counted once, whatever the oddities of its history") {
  Clock clock;
  simulator::CloudOptions cloud_options;
  cloud_options.now = [&clock] { return clock.Now(); };
  Cloud cloud(std::move(cloud_options));
  // Nothing at first, then ten scans a second for nine seconds.
  const simulator::ScanScript script{
      .per_hour = 36'000, .past = -1s, .lasts = 9s, .takes = 2s, .disorder = 500ms};
  std::vector<simulator::KeyScript> keys;
  const auto add = [&](const std::string& name, auto change) {
    simulator::ScanScript scans = script;
    scans.seed = keys.size() + 1;
    change(scans);
    keys.push_back(AddKey(cloud, name, scans));
  };
  add("plain", [](auto&) {});
  add("repeating", [](auto& scans) { scans.repeated = 5; });
  add("odd", [](auto& scans) {
    scans.numbers_as_text = true;
    scans.sparse = true;
    scans.cursor_at_end = true;
  });
  add("ahead", [](auto& scans) { scans.skew = 3h; });
  add("behind", [](auto& scans) {
    scans.skew = -90min;
    scans.empty_is_404 = true;
    scans.heeds_start_date = false;
  });
  const ExporterRun run(cloud, Options(keys, "history: {page_size: 10, max_pages: 100}\n"));
  const auto read = [&](const Exposition& metrics, const std::string& key) {
    return Sum(metrics, "mdcloud_scans_total", key);
  };
  REQUIRE(test::Eventually([&] {
    const Exposition metrics = run.Metrics();
    return std::all_of(keys.begin(), keys.end(),
                       [&](const auto& key) { return read(metrics, key.name) == 0; });
  }));
  const auto pass = [&clock](std::chrono::milliseconds time) {
    for (auto left = time; left > 0ms; left -= 250ms) {
      clock.Pass(250ms);
      std::this_thread::sleep_for(100ms);  // some are met in progress, some between two pages
    }
  };
  pass(5s);
  cloud.SetFault("plain", Endpoint::kHistory, simulator::Drop());
  cloud.SetFault("repeating", Endpoint::kHistory, simulator::Truncated());
  REQUIRE(run.WaitForReason("plain", "transport"));
  pass(4s);
  cloud.SetFault("plain", Endpoint::kHistory, simulator::NoFault());
  cloud.SetFault("repeating", Endpoint::kHistory, simulator::NoFault());
  pass(4s);  // the last one is finished
  for (const auto& key : keys) {
    CAPTURE(key.name);
    const ScanTruth truth = cloud.TruthOfScans(key.name);
    REQUIRE(truth.in_progress == 0);
    REQUIRE(Finished(truth) >= 20);
    REQUIRE(run.WaitForFreshData(key.name));
    CheckCounts(run.Metrics(), key.name, truth);
    CHECK(Value(run.Metrics(), "mdcloud_scan_history_last_scan_timestamp_seconds", key.name) ==
          doctest::Approx(static_cast<double>(truth.newest.time_since_epoch().count()) / 1000));
  }
  for (const auto& request : cloud.RequestsOf("odd")) {
    if (request.path != "/v4/apikey/scan-history") continue;
    std::map<std::string, std::string> query;
    for (const auto& [name, value] : http::ReadQuery(request.query)) query[name] = value;
    CHECK(query["limit"] == "10");
    if (query.contains("start_date")) CHECK(query["start_date"].ends_with("Z"));
  }
}

TEST_CASE("a history that is there is taken note of, and read no further than it matters") {
  Cloud cloud;
  const auto key = AddKey(cloud, "key", {.per_hour = 600, .past = 240h, .lasts = 240h});
  RunOptions options = Options({key});
  options.intervals = kOneRound;
  const ExporterRun run(cloud, options);
  REQUIRE(test::Eventually([&] { return Sum(run.Metrics(), "mdcloud_scans_total", "key") == 0; }));
  const Exposition metrics = run.Metrics();
  CHECK(metrics.Find("mdcloud_scans_total")->samples.size() == scrape::kScanResults.size());
  int pages = 0;
  for (const auto& request : cloud.RequestsOf("key")) {
    pages += request.path == "/v4/apikey/scan-history" ? 1 : 0;
  }
  CHECK(pages >= 2);  // 15 minutes are 150 scans
  CHECK(pages <= 4);
}

TEST_CASE("off by default, and one endpoint that fails harms no other") {
  Cloud cloud;
  const auto off = AddKey(cloud, "off", {.per_hour = 600, .past = 1h});
  const auto failing = AddKey(cloud, "failing", {.per_hour = 600, .past = 1h});
  RunOptions options = Options({off, failing});
  options.key_options = "";
  options.options_of["failing"] = kAll;
  cloud.SetFault("failing", Endpoint::kHistory, simulator::ServerError());
  const ExporterRun run(cloud, options);
  REQUIRE(run.WaitForReason("failing", "server_error"));
  REQUIRE(run.WaitForFreshData("off"));
  const Exposition metrics = run.Metrics();
  const char* const success = "mdcloud_scrape_collector_success";
  CHECK(Value(metrics, success, "failing", {{"collector", "history"}}) == 0);
  CHECK(Value(metrics, success, "failing", {{"collector", "limits"}}) == 1);
  CHECK(Value(metrics, success, "off", {{"collector", "history"}}) == -1);
  CHECK(metrics.Find("mdcloud_scans_total") == nullptr);
  for (const auto& request : cloud.RequestsOf("off")) {
    CHECK(request.path != "/v4/apikey/scan-history");
  }
  cloud.SetFault("failing", Endpoint::kHistory, simulator::NoFault());
  REQUIRE(run.WaitForFreshData("failing"));
  CHECK(Sum(run.Metrics(), "mdcloud_scans_total", "failing") == 0);
}

TEST_CASE("a history that is longer than the bounds: a metric and a line in the log say so") {
  for (const auto& cut :
       {std::pair{"{page_size: 10, max_pages: 2}", "max_pages"},
        std::pair{"{page_size: 150, max_pages: 100, max_bytes: 64KiB}", "max_bytes"}}) {
    CAPTURE(cut.first);
    Cloud cloud;
    const auto key = AddKey(cloud, "key", {.per_hour = 3'600, .past = 1h});
    RunOptions options = Options({key}, std::string("history: ") + cut.first + "\n");
    options.intervals = kOneRound;
    ExporterRun run(cloud, options);
    REQUIRE(test::Eventually(
        [&run] { return Value(run.Metrics(), "mdcloud_scan_history_truncated", "key") == 1; }));
    CHECK(Value(run.Metrics(), "mdcloud_up", "key") == 1);
    const std::string log = LogOf(run);
    CHECK(log.find("scan history was cut short") != std::string::npos);
    CHECK(log.find(std::string("at=") + cut.second) != std::string::npos);
  }
}

TEST_CASE("a first page that is larger than all that may be read fails, and says what to do") {
  Cloud cloud;
  const auto key = AddKey(cloud, "key", {.per_hour = 36'000, .past = 1h});
  const ExporterRun run(cloud, Options({key}, "history: {page_size: 9999, max_bytes: 64KiB}\n"));
  REQUIRE(run.WaitForReason("key", "body_too_large"));
  CHECK(Value(run.Metrics(), "mdcloud_scrape_collector_success", "key",
              {{"collector", "limits"}}) == 1);
}

TEST_CASE("what refuses a request is understood, however little of a good answer is wanted") {
  Cloud cloud;
  const auto key = AddKey(cloud, "key", {.per_hour = 600, .past = 1h});
  cloud.SetFault("key", Endpoint::kHistory,
                 simulator::CustomBody(429, R"({"error":{"code":429001,"messages":[")" +
                                                std::string(100'000, '.') + "\"]}}"));
  const ExporterRun run(cloud, Options({key}, "history: {max_bytes: 64KiB}\n"));
  CHECK(run.WaitForReason("key", "throttled"));
}

TEST_CASE("nothing of a single scan or file is shown anywhere, nor is a cursor") {
  Cloud cloud;
  const auto key = AddKey(cloud, "key", {.per_hour = 7'200, .past = 1h, .cursor_at_end = true});
  RunOptions options = Options({key}, "history: {page_size: 50, max_pages: 5}\n");
  options.arguments = {"--log.level=debug"};
  ExporterRun run(cloud, options);
  REQUIRE(run.WaitForFreshData("key"));
  cloud.SetFault("key", Endpoint::kHistory, simulator::Truncated());
  REQUIRE(run.WaitForReason("key", "transport"));
  std::string all;
  for (const char* path : {"/metrics", "/", "/api/v1/status", "/config", "/probe?key=key", "/sd"}) {
    all += test::Fetch(run.Url(path)).body;
  }
  all += LogOf(run);
  for (const char* secret : {"bzI0", "report-of-a-simulated-user", "AAAAAAAA", "==&+", "%3D%3D"}) {
    CAPTURE(secret);
    CHECK(all.find(secret) == std::string::npos);
  }
}

TEST_CASE("a probe and a part of the metrics have the history too; once has no counters of it") {
  Cloud cloud;
  const auto key = AddKey(cloud, "key", {.per_hour = 600, .past = 1h});
  const ExporterRun run(cloud, Options({key}));
  REQUIRE(run.WaitForFreshData("key"));
  const Exposition probed = test::CheckExposition(test::Fetch(run.Url("/probe?key=key")).body);
  CHECK(Sum(probed, "mdcloud_scans_total", "key") >= 0);
  const Exposition part =
      test::CheckExposition(test::Fetch(run.Url("/metrics?collector=history")).body);
  CHECK(Sum(part, "mdcloud_scans_total", "key") >= 0);
  CHECK(part.Find("mdcloud_quota_used") == nullptr);
  int status = -1;
  const std::string once = test::OutputOf(
      test::BinaryPath() + " once --config.file=" + run.config_file() + " 2>&1", &status);
  CHECK(status == 0);
  const Exposition written = test::CheckExposition(once);
  CHECK(written.Find("mdcloud_scans_total") == nullptr);
  CHECK(Value(written, "mdcloud_scan_history_truncated", "key") == 0);
  CHECK(Value(written, "mdcloud_scan_history_last_scan_timestamp_seconds", "key") > 1e9);
}
