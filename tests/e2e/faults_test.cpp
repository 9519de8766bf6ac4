#include <doctest/doctest.h>

#include <algorithm>

#include "simulator/fault.h"
#include "tests/e2e/exporter_run.h"

using simulator::Endpoint;
using test::ExporterRun;
using test::Exposition;

namespace {

// The reason that each of simulator::NamedFaults() is to be exported with; empty: none, the answer
// is good.
const std::map<std::string, std::string> kReasonOfFault = {
    {"drop", "transport"},
    {"empty_body", "decode"},
    {"error_with_200", "unauthorized"},
    {"forbidden", "forbidden"},
    {"garbage", "decode"},
    {"hang", "timeout"},
    {"html", "decode"},
    {"huge_body", "body_too_large"},
    {"not_found", "unauthorized"},
    {"quota_exhausted", "quota_exhausted"},
    {"rejected", "unauthorized"},
    {"server_error", "server_error"},
    {"slow", ""},
    {"throttled", "throttled"},
    {"truncated", "transport"},
    {"wrong_shape", "schema"},
};

// What goes when the key is rejected: not what was counted.
std::vector<std::string> QuotaSeriesOf(const Exposition& metrics, const std::string& key) {
  std::vector<std::string> found;
  for (const test::Family& family : metrics.families) {
    if (family.name == "mdcloud_quota_consumed_total") continue;
    if (!family.name.starts_with("mdcloud_quota_") && !family.name.starts_with("mdcloud_throttle"))
      continue;
    for (const test::Sample& sample : family.samples) {
      if (std::find(sample.labels.begin(), sample.labels.end(),
                    std::pair<std::string, std::string>("key", key)) != sample.labels.end()) {
        found.push_back(sample.name);
      }
    }
  }
  return found;
}

}  // namespace

TEST_CASE("each fault has its reason, and no fault of one key harms another") {
  simulator::Cloud cloud;
  std::vector<simulator::KeyScript> keys;
  const auto faults = simulator::NamedFaults();
  REQUIRE(faults.size() == kReasonOfFault.size());
  for (const auto& [name, fault] : faults) {
    keys.push_back(test::AddKey(cloud, "with-" + name));
    cloud.SetFault("with-" + name, fault);
  }
  for (int i = 0; i < 5; ++i) keys.push_back(test::AddKey(cloud, "good-" + std::to_string(i)));
  const ExporterRun run(cloud, {.global = "", .key_options = "", .arguments = {}, .keys = keys});
  REQUIRE(run.WaitUntilReady());
  cloud.Traffic(7, 2000);
  for (int i = 0; i < 5; ++i) REQUIRE(run.WaitForFreshData("good-" + std::to_string(i)));

  const Exposition metrics = run.Metrics();
  for (int i = 0; i < 5; ++i) {
    const std::string key = "good-" + std::to_string(i);
    for (const std::string& difference :
         test::DifferencesFromTruth(metrics, key, cloud.Truth(key))) {
      FAIL_CHECK(difference);
    }
    CHECK(metrics.Value("mdcloud_up", {{"key", key}}) == 1);
  }
  for (const auto& entry : faults) {
    const std::string& name = entry.first;
    CAPTURE(name);
    const std::string key = "with-" + name;
    const std::string reason = kReasonOfFault.at(name);
    CHECK(metrics.Value("mdcloud_up", {{"key", key}}) == (reason.empty() ? 1 : 0));
    if (reason.empty()) continue;
    CHECK(metrics.Has("mdcloud_scrape_collector_error",
                      {{"key", key}, {"collector", "info"}, {"reason", reason}}));
    const std::vector<std::string> quota = QuotaSeriesOf(metrics, key);
    const bool only_throttled = std::all_of(quota.begin(), quota.end(), [](const auto& series) {
      return series == "mdcloud_throttled";
    });
    CHECK(only_throttled);
    CHECK(metrics.Has("mdcloud_apikey_valid", {{"key", key}}) == (reason == "unauthorized"));
    CHECK(metrics.Has("mdcloud_apikey_labels", {{"key", key}}));
  }
  CHECK(metrics.Value("mdcloud_throttled", {{"key", "with-throttled"}}) == 1);
}

TEST_CASE("a rejected key is asked once and its other collectors are paused") {
  simulator::Cloud cloud;
  const simulator::KeyScript wrong = test::AddKey(cloud, "wrong");
  const simulator::KeyScript good = test::AddKey(cloud, "good");
  cloud.SetFault("wrong", simulator::Rejected());
  const ExporterRun run(cloud,
                        {.global = "", .key_options = "", .arguments = {}, .keys = {wrong, good}});
  REQUIRE(run.WaitUntilReady());
  REQUIRE(test::Eventually([&] { return cloud.RequestsOf("good").size() > 8; }));
  CHECK(cloud.RequestsOf("wrong").size() == 1);
  const Exposition metrics = run.Metrics();
  CHECK(metrics.Value("mdcloud_apikey_valid", {{"key", "wrong"}}) == 0);
  for (const char* collector : {"limits", "status"}) {
    CHECK(metrics.Has("mdcloud_scrape_collector_error",
                      {{"key", "wrong"}, {"collector", collector}, {"reason", "paused"}}));
    CHECK(metrics.Value("mdcloud_scrape_collector_success",
                        {{"key", "wrong"}, {"collector", collector}}) == 0);
  }
}

TEST_CASE("one endpoint that fails keeps its last values and leaves the others alone") {
  simulator::Cloud cloud;
  const simulator::KeyScript key = test::AddKey(cloud, "key");
  cloud.Use("key", "reputation", 17);
  const ExporterRun run(cloud, {.global = "", .key_options = "", .arguments = {}, .keys = {key}});
  REQUIRE(run.WaitForFreshData("key"));
  cloud.SetFault("key", Endpoint::kLimits, simulator::Garbage());
  REQUIRE(test::Eventually([&] {
    return run.Metrics().Has("mdcloud_scrape_collector_error",
                             {{"key", "key"}, {"collector", "limits"}, {"reason", "decode"}});
  }));
  cloud.Use("key", "reputation", 3);
  REQUIRE(test::Eventually([&] {
    return run.Metrics().Value("mdcloud_quota_remaining",
                               {{"key", "key"}, {"api", "reputation"}}) == 3980;
  }));
  const Exposition metrics = run.Metrics();
  CHECK(metrics.Value("mdcloud_quota_used", {{"key", "key"}, {"api", "reputation"}}) == 17);
  CHECK(metrics.Value("mdcloud_scrape_collector_success",
                      {{"key", "key"}, {"collector", "status"}}) == 1);
  CHECK(metrics.Value("mdcloud_up", {{"key", "key"}}) == 0);
  cloud.SetFault("key", Endpoint::kLimits, simulator::NoFault());
  CHECK(test::Eventually([&] { return run.Metrics().Value("mdcloud_up", {{"key", "key"}}) == 1; }));
}

TEST_CASE("a key that is rejected later loses its quota and keeps its licence") {
  simulator::Cloud cloud;
  const simulator::KeyScript key = test::AddKey(cloud, "key");
  const ExporterRun run(cloud, {.global = "", .key_options = "", .arguments = {}, .keys = {key}});
  REQUIRE(run.WaitForFreshData("key"));
  REQUIRE_FALSE(QuotaSeriesOf(run.Metrics(), "key").empty());
  cloud.SetFault("key", simulator::Rejected());
  REQUIRE(test::Eventually([&] {
    return run.Metrics().Value("mdcloud_apikey_valid", {{"key", "key"}}) == 0;
  }));
  const Exposition metrics = run.Metrics();
  CHECK(QuotaSeriesOf(metrics, "key").empty());
  CHECK(metrics.Has("mdcloud_quota_consumed_total", {{"key", "key"}, {"api", "reputation"}}));
  CHECK(metrics.Has("mdcloud_apikey_expires", {{"key", "key"}}));
}

TEST_CASE("no answer and no environment leads the apikey to a second host") {
  simulator::Cloud cloud;
  simulator::Cloud other;
  const std::string elsewhere = other.BaseUrl() + "/apikey/";
  const auto pointing_to_other = [&](int status) {
    http::Response response;
    response.status = status;
    response.headers = {
        {"Location", elsewhere},
        {"Content-Location", elsewhere},
        {"Refresh", "0; url=" + elsewhere},
        {"Link", "<" + elsewhere + ">; rel=canonical"},
        {"Alt-Svc", "http/1.1=\"127.0.0.1:" + std::to_string(other.Port()) + "\"; persist=1"}};
    return simulator::Custom(std::move(response));
  };
  const std::vector<int> redirects = {300, 301, 302, 303, 305, 307, 308};
  std::vector<simulator::KeyScript> good = {test::AddKey(cloud, "good")};
  std::vector<simulator::KeyScript> keys = good;
  for (const int status : redirects) {
    const std::string name = "with-" + std::to_string(status);
    keys.push_back(test::AddKey(cloud, name));
    cloud.SetFault(name, pointing_to_other(status));
  }
  keys.push_back(test::AddKey(cloud, "with-200"));
  cloud.SetFault("with-200", pointing_to_other(200));
  const std::string proxy = "http://127.0.0.1:" + std::to_string(other.Port());
  const ExporterRun run(cloud, {.global = "",
                                .key_options = "",
                                .arguments = {},
                                .keys = keys,
                                .environment = {{"http_proxy", proxy},
                                                {"https_proxy", proxy},
                                                {"HTTPS_PROXY", proxy},
                                                {"all_proxy", proxy},
                                                {"ALL_PROXY", proxy}}});
  for (const int status : redirects) {
    CHECK(run.WaitForReason("with-" + std::to_string(status), "redirect"));
  }
  CHECK(run.WaitForReason("with-200", "decode"));
  REQUIRE(test::Eventually([&] { return cloud.RequestsOf("with-200").size() > 1; }));
  test::CheckUnharmed(run, cloud, good);
  CHECK(other.Requests().empty());
}

TEST_CASE("requests carry the apikey in its header only, and say who asks") {
  simulator::Cloud cloud;
  const simulator::KeyScript key = test::AddKey(cloud, "key");
  const ExporterRun run(cloud, {.global = "", .key_options = "", .arguments = {}, .keys = {key}});
  REQUIRE(run.WaitForFreshData("key"));
  for (const simulator::RequestRecord& request : cloud.Requests()) {
    CHECK(request.Header("apikey") == key.apikey);
    CHECK(request.path.find(key.apikey) == std::string::npos);
    CHECK(request.query.empty());
    CHECK(request.user_agent.starts_with("mdcloud_exporter/"));
  }
}
