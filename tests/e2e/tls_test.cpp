// The service over TLS: who is believed, and what a server that is not believed gets to see.
#include <doctest/doctest.h>

#include <chrono>
#include <memory>

#include "simulator/raw_peer.h"
#include "tests/certificates.h"
#include "tests/e2e/exporter_run.h"

using simulator::Cloud;
using simulator::KeyScript;
using test::Authority;
using test::CertificateRequest;
using test::ExporterRun;

namespace {

constexpr auto kDay = std::chrono::hours(24);

std::unique_ptr<Cloud> CloudWith(const http::TlsSettings& identity) {
  simulator::CloudOptions options;
  options.tls = identity;
  return std::make_unique<Cloud>(std::move(options));
}

std::string TrustedFrom(const std::string& file) {
  return "  tls_config: {ca_file: " + file + "}\n";
}

std::string HttpsAt(const simulator::RawPeer& peer) {
  return "https" + peer.BaseUrl().substr(std::string("http").size());
}

}  // namespace

TEST_CASE("a server with a bad certificate is refused before it sees a request") {
  const Authority trusted;
  const Authority unknown;
  const test::TempDir dir;
  const auto now = std::chrono::system_clock::now();
  const auto cloud = CloudWith(trusted.Issue());
  std::vector<KeyScript> good;
  for (int i = 0; i < 5; ++i) good.push_back(test::AddKey(*cloud, "good-" + std::to_string(i)));
  std::map<std::string, std::unique_ptr<Cloud>> bad;
  bad["expired"] = CloudWith(
      trusted.Issue({.not_before = now - 2 * kDay, .not_after = now - std::chrono::minutes(1)}));
  bad["not-yet-valid"] = CloudWith(trusted.Issue({.not_before = now + kDay / 2}));
  bad["unknown-authority"] = CloudWith(unknown.Issue());
  bad["other-address"] = CloudWith(trusted.Issue({.name = "127.0.0.2"}));
  bad["other-name"] = CloudWith(trusted.Issue({.name = "api.example.org"}));
  const simulator::RawPeer plain(
      {{.kind = simulator::PeerStep::Kind::kSend, .bytes = "HTTP/1.1 400 Bad Request\r\n\r\n"},
       {.kind = simulator::PeerStep::Kind::kStall}});
  const simulator::RawPeer resetting({{.kind = simulator::PeerStep::Kind::kReset}});
  const simulator::RawPeer silent({{.kind = simulator::PeerStep::Kind::kStall}});

  std::vector<KeyScript> keys = good;
  std::map<std::string, std::string> urls;
  for (const auto& [name, server] : bad) urls[name] = server->BaseUrl();
  urls["plain"] = HttpsAt(plain);
  urls["resetting"] = HttpsAt(resetting);
  urls["silent"] = HttpsAt(silent);
  for (auto& [name, url] : urls) {
    keys.push_back(test::AddKey(*cloud, name));
    url = ", base_url: " + url;
  }
  ExporterRun run(*cloud, {.global = TrustedFrom(dir.Write("ca.pem", trusted.Certificate())),
                           .key_options = "",
                           .arguments = {},
                           .keys = keys,
                           .options_of = urls});
  REQUIRE(run.WaitUntilReady());
  for (const auto& entry : bad) {
    const std::string& name = entry.first;
    CAPTURE(name);
    CHECK(run.WaitForReason(name, "tls"));
    CHECK(run.Metrics().Value("mdcloud_up", {{"key", name}}) == 0);
  }
  CHECK(run.WaitForReason("plain", "tls"));
  CHECK(run.WaitForReason("resetting", "tls"));
  CHECK(run.WaitForReason("silent", "timeout"));
  test::CheckUnharmed(run, *cloud, good);
  for (const auto& entry : bad) CHECK_MESSAGE(entry.second->Requests().empty(), entry.first);
}

TEST_CASE("a server that speaks HTTP/1.1 only is asked over several connections at once") {
  const Authority authority;
  const test::TempDir dir;
  simulator::CloudOptions options;
  options.tls = authority.Issue();
  options.latency = std::chrono::milliseconds(100);
  Cloud cloud(std::move(options));
  std::vector<KeyScript> keys;
  for (int i = 0; i < 20; ++i) keys.push_back(test::AddKey(cloud, "key-" + std::to_string(i)));
  const ExporterRun run(cloud, {.global = TrustedFrom(dir.Write("ca.pem", authority.Certificate())),
                                .key_options = "",
                                .arguments = {},
                                .keys = keys});
  REQUIRE(run.WaitForFreshData("key-0"));
  test::CheckUnharmed(run, cloud, keys);
  CHECK(cloud.PeakConcurrency() > 1);
}

TEST_CASE("authorities that are gone or bad stay in use; others take their place at once") {
  const Authority authority;
  const test::TempDir dir;
  const std::string file = dir.Write("ca.pem", authority.Certificate());
  simulator::CloudOptions options;
  options.tls = authority.Issue();
  Cloud cloud(std::move(options));
  const KeyScript key = test::AddKey(cloud, "key");
  ExporterRun run(cloud,
                  {.global = TrustedFrom(file), .key_options = "", .arguments = {}, .keys = {key}});
  REQUIRE(run.WaitForFreshData("key"));
  dir.Write("ca.pem", "not a certificate\n");
  CHECK(test::Eventually([&] {
    return run.process().Err().find("ca_file must contain certificates") != std::string::npos;
  }));
  // A new connection.
  cloud.SetFault("key", simulator::Drop());
  REQUIRE(run.WaitForReason("key", "transport"));
  cloud.SetFault("key", simulator::NoFault());
  CHECK(run.WaitForFreshData("key"));
  dir.Write("ca.pem", Authority().Certificate());
  CHECK(run.WaitForReason("key", "tls"));
  dir.Write("ca.pem", authority.Certificate());
  CHECK(run.WaitForFreshData("key"));
  CHECK(run.Metrics().Value("mdcloud_up", {{"key", "key"}}) == 1);
}
