#include <doctest/doctest.h>
#include <signal.h>

#include <chrono>

#include "tests/certificates.h"
#include "tests/e2e/dns_server.h"
#include "tests/e2e/exporter_run.h"

using simulator::KeyScript;
using test::DnsServer;
using test::ExporterRun;

TEST_CASE("a name that does not exist or is not answered harms no other key, and may come back") {
  if (const auto obstacle = DnsServer::Obstacle()) {
    MESSAGE("faults of DNS are not tested here, they need root: " << *obstacle);
    return;
  }
  constexpr int kHanging = 20;
  DnsServer dns;
  dns.Set("hang.cloud.test", DnsServer::Reply::kNone);
  dns.Set("later.cloud.test", DnsServer::Reply::kNone);
  dns.Set("named.cloud.test", DnsServer::Reply::kLoopback);
  const test::Authority authority;
  const test::TempDir dir;
  simulator::CloudOptions tls;
  tls.tls = authority.Issue({.name = "*.cloud.test"});
  simulator::Cloud named(std::move(tls));
  const std::string port = std::to_string(named.Port());
  simulator::Cloud cloud;
  std::vector<KeyScript> good;
  for (int i = 0; i < 5; ++i) good.push_back(test::AddKey(cloud, "good-" + std::to_string(i)));
  const KeyScript of_name = test::AddKey(named, "named");
  const KeyScript later = test::AddKey(named, "later");
  std::map<std::string, std::string> urls = {
      {"missing", ", base_url: https://missing.cloud.test:" + port + "/v4"},
      {"named", ", base_url: https://named.cloud.test:" + port + "/v4"},
      {"later", ", base_url: https://later.cloud.test:" + port + "/v4"}};
  std::vector<KeyScript> keys = good;
  keys.insert(keys.end(), {of_name, later, test::AddKey(cloud, "missing")});
  for (int i = 0; i < kHanging; ++i) {
    const std::string name = "hanging-" + std::to_string(i);
    keys.push_back(test::AddKey(cloud, name));
    urls[name] = ", base_url: https://hang.cloud.test:" + port + "/v4";
  }
  ExporterRun run(
      cloud,
      {.global = "  tls_config: {ca_file: " + dir.Write("ca.pem", authority.Certificate()) + "}\n",
       .key_options = "",
       .arguments = {},
       .keys = keys,
       .options_of = urls,
       .launcher = dns.Launcher()});
  CHECK(run.WaitForReason("missing", "dns"));
  for (int i = 0; i < kHanging; ++i) {
    CHECK(run.WaitForReason("hanging-" + std::to_string(i), "timeout"));
  }
  CHECK(run.WaitForReason("later", "timeout"));
  CHECK(dns.Questions("hang.cloud.test") > 0);
  test::CheckUnharmed(run, cloud, good);
  test::CheckUnharmed(run, named, {of_name});
  CHECK(test::Fetch(run.Url("/-/healthy")).status == 200);

  dns.Set("later.cloud.test", DnsServer::Reply::kLoopback);
  dns.Set("missing.cloud.test", DnsServer::Reply::kLoopback);
  CHECK(run.WaitForFreshData("later"));
  CHECK(run.WaitForReason("missing",
                          "unauthorized"));  // reached; the simulator there has no such key

  // Resolvers that still wait do not hold up the end: they would for a minute.
  run.process().Signal(SIGTERM);
  CHECK(run.process().Wait() == 0);
}
