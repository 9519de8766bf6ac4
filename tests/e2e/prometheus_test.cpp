#include <doctest/doctest.h>

#include "simulator/fault.h"
#include "tests/e2e/exporter_run.h"

using test::ExporterRun;

namespace {

// Debian's Prometheus, scraping one target every second.
class Prometheus {
 public:
  explicit Prometheus(const std::string& target_port) {
    const std::string config = dir_.Write("prometheus.yml",
                                          "global: {scrape_interval: 1s, scrape_timeout: 1s}\n"
                                          "scrape_configs:\n"
                                          "  - job_name: mdcloud\n"
                                          "    static_configs: [{targets: ['127.0.0.1:" +
                                              target_port + "']}]\n");
    process_ = std::make_unique<test::Process>(std::vector<std::string>{
        "prometheus", "--config.file=" + config, "--storage.tsdb.path=" + dir_.path() + "/data",
        "--web.listen-address=127.0.0.1:0", "--log.level=debug"});
    // It names the port that the kernel chose in one of two ways, by version.
    port_ = process_->ErrAfter("msg=\"Listening on\" address=127.0.0.1:");
  }

  [[nodiscard]] const std::string& port() const { return port_; }
  [[nodiscard]] std::string Log() const { return process_->Err(); }

  // The JSON of an instant query; `expression` percent-encoded by the caller's care: no spaces or
  // braces in it but those given as %7B and %7D.
  [[nodiscard]] std::string Query(const std::string& expression) const {
    return test::Fetch("http://127.0.0.1:" + port_ + "/api/v1/query?query=" + expression).body;
  }

 private:
  test::TempDir dir_;
  std::unique_ptr<test::Process> process_;
  std::string port_;
};

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
  const Prometheus prometheus(run.port());
  REQUIRE_MESSAGE(!prometheus.port().empty(), prometheus.Log());

  const auto becomes = [&](const std::string& expression, const std::string& value) {
    const bool ok = test::Eventually([&] {
      return prometheus.Query(expression).find(",\"" + value + "\"]") != std::string::npos;
    });
    CHECK_MESSAGE(ok, expression << " is not " << value << ": " << prometheus.Query(expression));
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
  for (const char* complaint :
       {"Error on ingesting", "Append failed", "Scrape commit failed", "Scrape failed"}) {
    CHECK_MESSAGE(prometheus.Log().find(complaint) == std::string::npos, prometheus.Log());
  }
}
