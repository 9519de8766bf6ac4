// /probe and /sd of the real binary, scraped by a real Prometheus that finds the keys by itself.

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "simulator/fault.h"
#include "tests/e2e/exporter_run.h"
#include "tests/e2e/prometheus.h"

using test::Eventually;
using test::ExporterRun;
using test::Fetch;

namespace {

// The background loop asks at the start and then not for an hour.
ExporterRun Start(const simulator::Cloud& cloud, const std::vector<simulator::KeyScript>& keys,
                  std::vector<std::string> arguments = {}) {
  return ExporterRun(
      cloud, {.global = "",
              .key_options = "",
              .arguments = std::move(arguments),
              .keys = keys,
              .intervals = "  scrape_interval: 1h\n  info_interval: 1h\n  scrape_timeout: 10s\n"});
}

// What a probe says of how much was used; with the header that Prometheus sends.
std::string Probed(const ExporterRun& run, const std::string& key,
                   const std::string& timeout = "10") {
  return Fetch(run.Url("/probe?key=" + key),
               {.method = "GET", .headers = {"X-Prometheus-Scrape-Timeout-Seconds: " + timeout}})
      .body;
}

bool Has(const std::string& body, const std::string& line) {
  return body.find('\n' + line + '\n') != std::string::npos;
}

// Until what the start asked is older than what a probe takes for fresh.
void WaitUntilOld(simulator::Cloud& cloud, const std::string& key) {
  REQUIRE(Eventually([&] {
    const auto requests = cloud.RequestsOf(key);
    return requests.size() >= 3 &&
           std::chrono::steady_clock::now() - requests.back().time > std::chrono::seconds(6);
  }));
}

}  // namespace

TEST_CASE("many probes of a key at one time are one fresh scrape of it") {
  simulator::Cloud cloud;
  const auto key = test::AddKey(cloud, "one");
  const ExporterRun run = Start(cloud, {key});
  WaitUntilOld(cloud, "one");
  cloud.Use("one", "prevention", 13);
  cloud.SetFault("one", simulator::Slow(std::chrono::milliseconds(200)));
  cloud.ForgetRequests();
  std::atomic<int> good = 0;
  {
    std::vector<std::jthread> probes;
    for (int i = 0; i < 20; ++i) {
      probes.emplace_back([&] {
        good += Has(Probed(run, "one"), R"(mdcloud_quota_used{api="prevention",key="one"} 13)");
      });
    }
  }
  CHECK(good == 20);
  CHECK(cloud.Requests().size() == 3);
  CHECK(Has(Probed(run, "one"), R"(mdcloud_up{key="one"} 1)"));
  CHECK(cloud.Requests().size() == 3);  // that was younger than 5 s
  // What it has learnt is on /metrics, too.
  CHECK(Eventually([&] {
    return run.Metrics().Value("mdcloud_quota_used", {{"api", "prevention"}, {"key", "one"}}) == 13;
  }));
}

TEST_CASE("a probe of a service that hangs is answered before Prometheus gives up") {
  simulator::Cloud cloud;
  const auto hanging = test::AddKey(cloud, "hanging");
  const auto good = test::AddKey(cloud, "good");
  const ExporterRun run = Start(cloud, {hanging, good});
  WaitUntilOld(cloud, "hanging");
  cloud.SetFault("hanging", simulator::Hang());
  const auto begin = std::chrono::steady_clock::now();
  const std::string body = Probed(run, "hanging", "2");
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  CHECK(took.count() >= 1.4);
  CHECK(took.count() < 2);
  CHECK(Has(body, R"(mdcloud_quota_limit{api="prevention",key="hanging"} 40)"));
  CHECK(Has(Probed(run, "good", "2"), R"(mdcloud_up{key="good"} 1)"));
  CHECK(Fetch(run.Url("/-/healthy")).status == 200);
}

TEST_CASE(
    "probes of a service that hangs leave connections to the others, and a stop does not wait") {
  simulator::Cloud cloud;
  const auto hanging = test::AddKey(cloud, "hanging");
  ExporterRun run = Start(cloud, {hanging}, {"--web.max-connections=8"});
  WaitUntilOld(cloud, "hanging");
  cloud.SetFault("hanging", simulator::Hang());
  std::vector<std::jthread> probes;
  std::atomic<int> answered = 0;
  for (int i = 0; i < 12; ++i) {
    probes.emplace_back([&] {
      static_cast<void>(Probed(run, "hanging", "100"));
      ++answered;
    });
  }
  CHECK(Eventually([&] { return answered == 6; }));  // with what is known
  CHECK(Fetch(run.Url("/-/healthy")).status == 200);
  CHECK(Fetch(run.Url("/metrics")).status == 200);
  CHECK(answered == 6);
  const auto begin = std::chrono::steady_clock::now();
  run.process().Signal(SIGTERM);
  CHECK(run.process().Wait() == 0);
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(2));
}

TEST_CASE(
    "a reload under a probe: a key that is gone is unknown, one with another secret is asked") {
  simulator::Cloud cloud;
  const auto gone = test::AddKey(cloud, "gone");
  const auto changed = test::AddKey(cloud, "changed");
  const auto successor = test::AddKey(cloud, "successor");
  const ExporterRun run = Start(cloud, {gone, changed}, {"--web.enable-lifecycle"});
  WaitUntilOld(cloud, "gone");
  WaitUntilOld(cloud, "changed");
  for (const char* name : {"gone", "changed"}) cloud.SetFault(name, simulator::Hang());
  cloud.Use("successor", "prevention", 11);
  cloud.ForgetRequests();
  test::Fetched of_gone;
  std::string of_changed;
  const auto begin = std::chrono::steady_clock::now();
  {
    const std::jthread first([&] { of_gone = Fetch(run.Url("/probe?key=gone")); });
    const std::jthread second([&] { of_changed = Probed(run, "changed", "20"); });
    REQUIRE(Eventually([&] { return cloud.Requests().size() == 2; }));
    std::ostringstream text;
    text << std::ifstream(run.config_file()).rdbuf();
    std::string config = text.str();
    const std::size_t at = config.find("  - {name: gone");
    REQUIRE(at != std::string::npos);
    config.erase(at, config.find('\n', at) + 1 - at);
    std::ofstream(run.config_file()) << config;
    std::ofstream(std::filesystem::path(run.config_file()).parent_path() / "keys" / "changed")
        << successor.apikey;
    REQUIRE(Fetch(run.Url("/-/reload"), {.method = "POST", .headers = {}}).status == 200);
  }
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(8));  // not at a timeout
  CHECK(of_gone.status == 404);
  CHECK(Has(of_changed, R"(mdcloud_up{key="changed"} 1)"));
  CHECK(Has(of_changed, R"(mdcloud_quota_used{api="prevention",key="changed"} 11)"));
}

TEST_CASE("a rejected key is not asked again by probes, and answered at once") {
  simulator::Cloud cloud;
  const auto wrong = test::AddKey(cloud, "wrong");
  cloud.SetFault("wrong", simulator::Rejected());
  const ExporterRun run = Start(cloud, {wrong});
  REQUIRE(run.WaitForReason("wrong", "unauthorized"));
  cloud.ForgetRequests();
  for (int i = 0; i < 50; ++i) {
    const std::string body = Probed(run, "wrong");
    REQUIRE(Has(body, R"(mdcloud_up{key="wrong"} 0)"));
    REQUIRE(Has(body, R"(mdcloud_apikey_valid{key="wrong"} 0)"));
  }
  CHECK(cloud.Requests().empty());
  CHECK(Fetch(run.Url("/probe?key=other")).status == 404);
  CHECK(Fetch(run.Url("/probe")).status == 400);
}

TEST_CASE("a real Prometheus finds the keys by /sd and probes them") {
  simulator::Cloud cloud;
  std::vector<simulator::KeyScript> keys;
  for (const char* name : {"one", "two", "wrong"}) keys.push_back(test::AddKey(cloud, name));
  cloud.SetFault("wrong", simulator::Rejected());
  ExporterRun run(cloud, {.global = "",
                          .key_options = "",
                          .arguments = {},
                          .keys = keys,
                          .options_of = {{"one", ", labels: {team: soc}"}}});
  REQUIRE(run.WaitForFreshData("one"));
  const test::Prometheus prometheus(
      run.port(), "2s",
      "  - job_name: probes\n"
      "    http_sd_configs: [{url: 'http://127.0.0.1:" +
          run.port() +
          "/sd', refresh_interval: 1s}]\n"
          "    relabel_configs:\n"
          "      - {source_labels: [__meta_mdcloud_key], target_label: instance}\n"
          "      - {source_labels: [__meta_mdcloud_label_team], target_label: team}\n");
  REQUIRE_MESSAGE(!prometheus.port().empty(), prometheus.Log());
  const auto becomes = [&](const std::string& expression, const std::string& value) {
    const bool ok = Eventually([&] { return prometheus.Is(expression, value); });
    CHECK_MESSAGE(ok, expression << " is not " << value << ": " << prometheus.Query(expression));
  };
  becomes("count(up%7Bjob=\"probes\"%7D==1)", "3");
  becomes("mdcloud_up%7Bjob=\"probes\",instance=\"one\",key=\"one\",team=\"soc\"%7D", "1");
  becomes("mdcloud_up%7Bjob=\"probes\",instance=\"wrong\"%7D", "0");
  cloud.Use("two", "reputation", 7);
  becomes("mdcloud_quota_used%7Bjob=\"probes\",instance=\"two\",api=\"reputation\"%7D", "7");
  CHECK(prometheus.Complaints() == "");
}
