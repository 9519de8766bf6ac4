// HTTP/2: the simulated service behind nghttpx.
#include <doctest/doctest.h>

#include <set>

#include "tests/certificates.h"
#include "tests/e2e/exporter_run.h"
#include "tests/e2e/nghttpx.h"

using simulator::KeyScript;
using test::ExporterRun;
using test::Exposition;

namespace {

// A fleet of keys on a service that can be reached by HTTP/2 alone.
class Rig {
 public:
  explicit Rig(const std::vector<std::string>& proxy_options = {})
      : proxy_(authority_.Issue(), cloud_.Port(), proxy_options) {
    test::RunOptions options;
    options.global =
        "  tls_config: {ca_file: " + dir_.Write("ca.pem", authority_.Certificate()) + "}\n";
    options.key_options = ", base_url: " + proxy_.BaseUrl();
    for (int i = 0; i < 20; ++i) {
      keys_.push_back(test::AddKey(cloud_, "key-" + std::to_string(i)));
    }
    options.keys = keys_;
    run_ = std::make_unique<ExporterRun>(cloud_, options);
  }

  [[nodiscard]] ExporterRun& run() { return *run_; }
  [[nodiscard]] test::Nghttpx& proxy() { return proxy_; }
  void CheckUnharmed() { test::CheckUnharmed(*run_, cloud_, keys_); }

  [[nodiscard]] double Failures() const {
    const Exposition metrics = run_->Metrics();
    double sum = 0;
    for (const test::Sample& sample :
         metrics.Find("mdcloud_client_request_failures_total")->samples) {
      sum += sample.value;
    }
    return sum;
  }

  [[nodiscard]] std::set<int> Connections() const {
    std::set<int> ports;
    for (const test::ProxiedRequest& request : proxy_.Requests()) ports.insert(request.client_port);
    return ports;
  }

 private:
  static simulator::CloudOptions Slow() {
    simulator::CloudOptions options;
    options.latency = std::chrono::milliseconds(100);
    return options;
  }

  const test::Authority authority_;
  const test::TempDir dir_;
  simulator::Cloud cloud_{Slow()};
  test::Nghttpx proxy_;
  std::vector<KeyScript> keys_;
  std::unique_ptr<ExporterRun> run_;
};

}  // namespace

TEST_CASE("HTTP/2 is used where the service speaks it: one connection carries all requests") {
  Rig rig;
  rig.CheckUnharmed();
  const auto requests = rig.proxy().Requests();
  CHECK(requests.size() >= 60);
  for (const test::ProxiedRequest& request : requests) {
    CHECK(request.protocol == "h2");
    CHECK(request.status == 200);
  }
  CHECK(rig.Connections().size() == 1);
  CHECK(rig.Failures() == 0);
}

TEST_CASE("after GOAWAY the next requests go over a new connection, and no value is lost") {
  Rig rig;
  rig.CheckUnharmed();
  for (std::size_t round = 1; round <= 3; ++round) {
    rig.proxy().Reload();
    REQUIRE(test::Eventually([&] { return rig.Connections().size() > round; }));
    rig.CheckUnharmed();
  }
  CHECK(rig.Failures() == 0);
  for (const test::ProxiedRequest& request : rig.proxy().Requests()) {
    CHECK(request.protocol == "h2");
  }
}

TEST_CASE("where few streams are allowed, more connections are used and nobody waits for ever") {
  Rig rig({"--frontend-http2-max-concurrent-streams=2"});
  rig.CheckUnharmed();
  CHECK(rig.Connections().size() > 1);
  // The first ones were sent before the service told its limit, and refused.
  const double at_first = rig.Failures();
  rig.CheckUnharmed();
  CHECK(rig.Failures() == at_first);
}

TEST_CASE("after the service's end in the middle of requests all keys come back with it") {
  Rig rig;
  rig.CheckUnharmed();
  rig.proxy().Kill();
  REQUIRE(rig.run().WaitForReason("key-0", "connect"));
  CHECK(test::Fetch(rig.run().Url("/-/healthy")).status == 200);
  rig.proxy().Start();
  rig.CheckUnharmed();
}
