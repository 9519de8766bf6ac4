// Families about this program: exporter/metrics/self_metrics.

#include <doctest/doctest.h>

#include <string>

#include "exporter/metrics/metrics.h"
#include "tests/exposition_checker.h"
#include "tests/metrics_fixture.h"

using scrape::Collector;
using scrape::Reason;
using test::Exposition;

namespace {

scrape::Snapshot WithHosts() {
  scrape::Snapshot snapshot;
  snapshot.hosts = {{.name = "api.example.com", .paused = true, .keys_waiting = 3},
                    {.name = "eu.example.com:8443"}};
  return snapshot;
}

// Rendered and found correct.
Exposition Exposed(const exporter::MetricsInput& input) {
  Exposition exposition = test::CheckExposition(exporter::RenderText(input));
  CHECK(exposition.Problems() == "");
  return exposition;
}

}  // namespace

TEST_CASE("each host tells whether it is paused and how many keys wait") {
  const scrape::Snapshot snapshot = WithHosts();
  const Exposition exposition = Exposed(test::InputOf(snapshot));
  CHECK(exposition.Value("mdcloud_client_host_paused", {{"host", "api.example.com"}}) == 1);
  CHECK(exposition.Value("mdcloud_client_host_paused", {{"host", "eu.example.com:8443"}}) == 0);
  CHECK(exposition.Value("mdcloud_client_keys_waiting", {{"host", "api.example.com"}}) == 3);
  CHECK(exposition.Value("mdcloud_client_keys_waiting", {{"host", "eu.example.com:8443"}}) == 0);
}

TEST_CASE("a shard says which one it is, where there are several") {
  const scrape::Snapshot snapshot = WithHosts();
  exporter::MetricsInput input = test::InputOf(snapshot);
  CHECK(Exposed(input).Find("mdcloud_exporter_shard") == nullptr);
  CHECK(Exposed(input).Find("mdcloud_exporter_shards") == nullptr);
  input.options.shard = {.index = 0, .total = 2};
  CHECK(Exposed(input).Value("mdcloud_exporter_shard", {}) == 0);
  CHECK(Exposed(input).Value("mdcloud_exporter_shards", {}) == 2);
}

TEST_CASE("failures to write the state are counted where there is one") {
  const char* const name = "mdcloud_exporter_state_write_failures_total";
  scrape::Snapshot snapshot = WithHosts();
  snapshot.state_write_failures = 2;
  CHECK(Exposed(test::InputOf(snapshot)).Value(name, {}) == 2);
  snapshot.state_write_failures.reset();
  CHECK(Exposed(test::InputOf(snapshot)).Find(name) == nullptr);
}

TEST_CASE("client counters exist from 0 in all combinations, and histograms add up") {
  scrape::Snapshot snapshot;
  scrape::ClientCounters& counters = snapshot.client[IndexOf(Collector::kLimits)];
  counters.requests = 6;
  counters.failures[IndexOf(Reason::kDecode)] = 2;
  counters.duration_buckets = {1, 2, 0, 0, 0, 0, 0, 0, 3};
  counters.duration_sum_seconds = 40.25;
  const Exposition exposition = Exposed(test::InputOf(snapshot));
  CHECK(exposition.Find("mdcloud_client_request_failures_total")->samples.size() ==
        scrape::kCollectorCount * scrape::kReasonCount);
  CHECK(exposition.Value("mdcloud_client_request_failures_total",
                         {{"collector", "limits"}, {"reason", "decode"}}) == 2);
  CHECK(exposition.Value("mdcloud_client_request_failures_total",
                         {{"collector", "info"}, {"reason", "decode"}}) == 0);
  CHECK(exposition.Value("mdcloud_client_requests_total", {{"collector", "limits"}}) == 6);
  const std::string bucket = "mdcloud_client_request_duration_seconds_bucket";
  CHECK(exposition.Value(bucket, {{"collector", "limits"}, {"le", "0.05"}}) == 1);
  CHECK(exposition.Value(bucket, {{"collector", "limits"}, {"le", "10"}}) == 3);
  CHECK(exposition.Value(bucket, {{"collector", "limits"}, {"le", "+Inf"}}) == 6);
  CHECK(exposition.Value("mdcloud_client_request_duration_seconds_sum",
                         {{"collector", "limits"}}) == 40.25);
}

TEST_CASE("facts about the exporter itself") {
  scrape::Snapshot snapshot;
  snapshot.keys = {test::NewKey("a"), test::NewKey("b")};
  exporter::MetricsInput input = test::InputOf(snapshot);
  Exposition exposition = Exposed(input);
  CHECK(exposition.Value("mdcloud_exporter_configured_keys", {}) == 2);
  CHECK(exposition.Value("mdcloud_exporter_config_last_reload_successful", {}) == 1);
  CHECK(exposition.Value("mdcloud_exporter_http_requests_total",
                         {{"code", "404"}, {"handler", "other"}}) == 1);
  CHECK(exposition.Value("process_resident_memory_bytes", {}) == 20971520);
  input.config = {};
  input.config.successful = false;
  input.process = {};
  input.http_requests.clear();
  exposition = Exposed(input);
  CHECK(exposition.Value("mdcloud_exporter_config_last_reload_successful", {}) == 0);
  CHECK(exposition.Find("mdcloud_exporter_config_last_reload_success_timestamp_seconds") ==
        nullptr);
  CHECK(exposition.Find("process_resident_memory_bytes") == nullptr);
  CHECK(exposition.Find("mdcloud_exporter_http_requests_total") == nullptr);
}
