#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>
#include <string>

#include "tests/e2e/exporter_run.h"
#include "tests/e2e/prometheus.h"

using namespace std::chrono_literals;

// The largest fleet that the caps are meant for: with answers of 150 ms, 400 requests a second need
// 60 of the 90 places, and a round of all keys 344 of the 400.
TEST_CASE("10,000 keys at one minute are all up in a real Prometheus two minutes after the start") {
  constexpr int kKeys = 10'000;
  simulator::CloudOptions service;
  service.latency = 150ms;
  service.max_records = 0;
  simulator::Cloud cloud(service);
  test::RunOptions options;
  options.global = "  max_concurrent_requests: 90\n";
  options.intervals = "  scrape_interval: 1m\n  info_interval: 15m\n";
  for (int i = 0; i < kKeys; ++i) {
    options.keys.push_back(test::AddKey(cloud, "key-" + std::to_string(i)));
  }
  const auto start = std::chrono::steady_clock::now();
  const test::TempDir storage;  // that is written at this number of keys, too
  options.arguments = {"--storage.path=" + storage.path()};
  const test::ExporterRun run(cloud, options);
  const test::Prometheus prometheus(run.port(), "5s");
  REQUIRE_MESSAGE(!prometheus.port().empty(), prometheus.Log());

  const auto left = 120s - (std::chrono::steady_clock::now() - start);
  const bool all_up =
      test::Eventually([&] { return prometheus.Is("sum(mdcloud_up)", std::to_string(kKeys)); },
                       std::chrono::duration_cast<std::chrono::milliseconds>(left));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  MESSAGE("all up after " << took.count() << " s");
  CHECK_MESSAGE(all_up, prometheus.Query("sum(mdcloud_up)"));
  // No interval is stretched, and every collector of every key has one.
  for (const auto& [collector, seconds] :
       {std::pair("info", "900"), std::pair("limits", "60"), std::pair("status", "60")}) {
    const std::string intervals = std::string("count(mdcloud_scrape_collector_interval_seconds") +
                                  "%7Bcollector=\"" + collector + "\"%7D==" + seconds + ")";
    CHECK_MESSAGE(prometheus.Is(intervals, std::to_string(kKeys)), prometheus.Query(intervals));
  }
  CHECK(prometheus.Is("min(min_over_time(up[2m]))", "1"));
  CHECK(prometheus.Complaints() == "");
  CHECK(prometheus.Is("max(mdcloud_exporter_state_write_failures_total)", "0"));
  const double state =
      static_cast<double>(std::filesystem::file_size(storage.path() + "/shard-0.state"));
  MESSAGE("state of " << kKeys << " keys: " << state / (1 << 20) << " MiB");
  CHECK(state < 64 << 20);
}
