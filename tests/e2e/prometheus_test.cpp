#include <doctest/doctest.h>

#include "simulator/fault.h"
#include "tests/e2e/exporter_run.h"
#include "tests/e2e/fetch.h"
#include "tests/e2e/prometheus.h"

using test::ExporterRun;
using test::Prometheus;

namespace {

void CheckBecomes(const Prometheus& prometheus, const std::string& expression,
                  const std::string& value) {
  const bool ok = test::Eventually([&] { return prometheus.Is(expression, value); });
  CHECK_MESSAGE(ok, expression << " is not " << value << ": " << prometheus.Query(expression));
}

}  // namespace

TEST_CASE("a real Prometheus scrapes it without a warning and knows the right values") {
  simulator::Cloud cloud;
  std::vector<simulator::KeyScript> keys;
  for (const char* name : {"one", "two", "wrong", "hanging", "garbled"})
    keys.push_back(test::AddKey(cloud, name));
  cloud.SetFault("wrong", simulator::Rejected());
  cloud.SetFault("hanging", simulator::Hang());
  cloud.SetFault("garbled", simulator::Garbage());
  cloud.Use("one", "prevention", 13);
  cloud.Use("two", "reputation", 4100);
  const ExporterRun run(cloud, {.global = "", .key_options = "", .arguments = {}, .keys = keys});
  REQUIRE(run.WaitForFreshData("one"));
  REQUIRE(run.WaitForFreshData("two"));
  const Prometheus prometheus(run.port(), "1s");
  REQUIRE_MESSAGE(!prometheus.port().empty(), prometheus.Log());

  const auto becomes = [&](const std::string& expression, const std::string& value) {
    CheckBecomes(prometheus, expression, value);
  };
  becomes("up", "1");
  becomes("mdcloud_quota_used%7Bkey=\"one\",api=\"prevention\"%7D", "13");
  becomes("mdcloud_quota_remaining%7Bkey=\"one\",api=\"prevention\"%7D", "27");
  becomes("mdcloud_quota_limit%7Bkey=\"two\",api=\"reputation\"%7D", "4000");
  becomes("mdcloud_quota_remaining%7Bkey=\"two\",api=\"reputation\"%7D", "-100");
  becomes("mdcloud_throttle_remaining%7Bkey=\"one\"%7D", "9");
  becomes("mdcloud_apikey_expires%7Bkey=\"one\"%7D", "0");
  becomes("mdcloud_apikey_valid%7Bkey=\"wrong\"%7D", "0");
  becomes("count(mdcloud_up)", "5");
  becomes("sum(mdcloud_up)", "2");
  becomes("mdcloud_scrape_collector_error%7Bcollector=\"info\",reason=\"timeout\"%7D", "1");
  becomes("mdcloud_scrape_collector_error%7Bcollector=\"info\",reason=\"decode\"%7D", "1");
  becomes("max(scrape_samples_scraped)>bool%20100", "1");
  // It asks for OpenMetrics, where `_total` does not belong to the name of a counter.
  const test::Fetched metadata =
      test::Fetch("http://127.0.0.1:" + prometheus.port() +
                  "/api/v1/targets/metadata?metric=mdcloud_client_requests");
  CHECK_MESSAGE(metadata.body.find("\"type\":\"counter\"") != std::string::npos, metadata.body);
  CHECK(prometheus.Complaints() == "");
}

TEST_CASE("Prometheus 2 and 3 get what they ask for, OpenMetrics or text, with the same values") {
  simulator::Cloud cloud;
  const auto key = test::AddKey(cloud, "one");
  cloud.Use("one", "prevention", 13);
  const ExporterRun run(cloud, {.global = "", .key_options = "", .arguments = {}, .keys = {key}});
  REQUIRE(run.WaitForFreshData("one"));
  struct Case {
    const char* program;
    const char* options;
    const char* counter;  // as its metadata call it: OpenMetrics takes `_total` from the name
  };
  const char* const open_metrics = "mdcloud_client_requests";
  for (const Case& one :
       {Case{test::kPrometheus2, "", open_metrics}, Case{test::kPrometheus3, "", open_metrics},
        Case{test::kPrometheus3, "    scrape_protocols: [OpenMetricsText1.0.0]\n", open_metrics},
        Case{test::kPrometheus3, "    scrape_protocols: [PrometheusText0.0.4]\n",
             "mdcloud_client_requests_total"}}) {
    CAPTURE(one.program);
    CAPTURE(one.options);
    const Prometheus prometheus(run.port(), "1s", one.options, {}, one.program);
    REQUIRE_MESSAGE(!prometheus.port().empty(), prometheus.Log());
    const auto becomes = [&](const std::string& expression, const std::string& value) {
      CheckBecomes(prometheus, expression, value);
    };
    becomes("up", "1");
    becomes("mdcloud_quota_used%7Bkey=\"one\",api=\"prevention\"%7D", "13");
    becomes("mdcloud_client_requests_total%7Bcollector=\"limits\"%7D>bool%200", "1");
    becomes("count(mdcloud_client_request_duration_seconds_bucket%7Bcollector=\"info\"%7D)", "9");
    const test::Fetched metadata = test::Fetch("http://127.0.0.1:" + prometheus.port() +
                                               "/api/v1/targets/metadata?metric=" + one.counter);
    CHECK_MESSAGE(metadata.body.find("\"type\":\"counter\"") != std::string::npos, metadata.body);
    CHECK(prometheus.Complaints() == "");
  }
}
