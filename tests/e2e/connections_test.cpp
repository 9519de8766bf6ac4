// What a key shows the service: its own client certificate and server name, and nobody else's.
#include <doctest/doctest.h>

#include <set>

#include "simulator/fault.h"
#include "tests/certificates.h"
#include "tests/e2e/exporter_run.h"
#include "tests/e2e/nghttpx.h"

using simulator::KeyScript;
using test::ExporterRun;

namespace {

constexpr int kIdentities = 6;
constexpr int kKeysOfIdentity = 4;

// A service that demands client certificates, and keys that have six of them.
class MtlsRig {
 public:
  // `versions`: http_version of the keys of each identity, in turn.
  explicit MtlsRig(const std::vector<std::string>& versions)
      : proxy_(authority_.Issue(), cloud_.Port(),
               {"--verify-client",
                "--verify-client-cacert=" + dir_.Write("clients.pem", clients_.Certificate())}) {
    test::RunOptions options;
    options.global =
        "  tls_config: {ca_file: " + dir_.Write("ca.pem", authority_.Certificate()) + "}\n";
    options.key_options = ", base_url: " + proxy_.BaseUrl();
    for (int identity = 0; identity < kIdentities; ++identity) {
      const std::string name = "client-" + std::to_string(identity);
      const http::TlsSettings issued = clients_.Issue({.name = name});
      const std::string tls =
          ", tls_config: {cert_file: " + dir_.Write(name + ".crt", issued.certificate) +
          ", key_file: " + dir_.Write(name + ".key", issued.private_key) + "}";
      for (int i = 0; i < kKeysOfIdentity; ++i) {
        const KeyScript key = test::AddKey(cloud_, name + "-key-" + std::to_string(i));
        options.options_of[key.name] =
            tls + ", http_version: " + versions[static_cast<std::size_t>(i) % versions.size()];
        certificate_of_[key.apikey] = name;
        options.keys.push_back(key);
      }
    }
    nobody_ = test::AddKey(cloud_, "nobody");
    keys_ = options.keys;
    options.keys.push_back(nobody_);
    run_ = std::make_unique<ExporterRun>(cloud_, options);
  }

  [[nodiscard]] ExporterRun& run() { return *run_; }
  [[nodiscard]] std::vector<test::ProxiedRequest> Requests() const { return proxy_.Requests(); }
  void CheckUnharmed() { test::CheckUnharmed(*run_, cloud_, keys_); }

  // Every request came with the certificate of its apikey.
  void CheckCertificates() const {
    for (const test::ProxiedRequest& request : Requests()) {
      const auto expected = certificate_of_.find(request.apikey);
      REQUIRE(expected != certificate_of_.end());
      CHECK_MESSAGE(request.client_certificate.ends_with(expected->second),
                    request.client_certificate << " for " << expected->second);
    }
  }

 private:
  const test::Authority authority_;
  const test::Authority clients_;
  const test::TempDir dir_;
  simulator::Cloud cloud_;
  test::Nghttpx proxy_;
  std::map<std::string, std::string> certificate_of_;  // by apikey
  std::vector<KeyScript> keys_;
  KeyScript nobody_;
  std::unique_ptr<ExporterRun> run_;
};

std::set<int> PortsOf(const std::vector<test::ProxiedRequest>& requests) {
  std::set<int> ports;
  for (const test::ProxiedRequest& request : requests) ports.insert(request.client_port);
  return ports;
}

}  // namespace

TEST_CASE("each key comes with its own client certificate only, over connections that are kept") {
  for (const auto& spoken : {std::pair{"2", "h2"}, std::pair{"1.1", "http/1.1"}}) {
    const std::string version = spoken.first;
    const std::string protocol = spoken.second;
    CAPTURE(version);
    MtlsRig rig({version});
    for (int round = 0; round < 3; ++round) rig.CheckUnharmed();
    rig.CheckCertificates();
    const auto requests = rig.Requests();
    CHECK(requests.size() > 3 * kIdentities * kKeysOfIdentity);
    for (const test::ProxiedRequest& request : requests) CHECK(request.protocol == protocol);
    // Keys of one identity share: one HTTP/2 connection, or as many as they ask at a time.
    const std::size_t most = version == "2" ? kIdentities : kIdentities * kKeysOfIdentity;
    CHECK(PortsOf(requests).size() <= most);
    CHECK(PortsOf(requests).size() >= kIdentities);
    // Without one the service does not even see the apikey.
    CHECK(rig.run().Metrics().Value("mdcloud_up", {{"key", "nobody"}}) == 0);
  }
}

TEST_CASE("keys of one identity and both versions of HTTP do not mix certificates either") {
  MtlsRig rig({"auto", "1.1"});
  for (int round = 0; round < 3; ++round) rig.CheckUnharmed();
  rig.CheckCertificates();
}

TEST_CASE("http_version 2 takes no answer in HTTP/1.1") {
  const test::Authority authority;
  const test::TempDir dir;
  simulator::CloudOptions options;
  options.tls = authority.Issue();
  simulator::Cloud cloud(std::move(options));
  const KeyScript key = test::AddKey(cloud, "key");
  ExporterRun run(
      cloud,
      {.global = "  tls_config: {ca_file: " + dir.Write("ca.pem", authority.Certificate()) + "}\n",
       .key_options = ", http_version: 2",
       .arguments = {},
       .keys = {key}});
  CHECK(run.WaitForReason("key", "transport"));
  CHECK(run.process().Err().find("the answer is in HTTP/1.1, and http_version is 2") !=
        std::string::npos);
}

TEST_CASE("an apikey for mTLS only: mtls_required, and the log says what to configure") {
  simulator::Cloud cloud;
  const KeyScript key = test::AddKey(cloud, "enterprise");
  cloud.SetFault("enterprise", simulator::ApiError(401, 401011, "This apikey is for mTLS only"));
  ExporterRun run(cloud, {.global = "", .key_options = "", .arguments = {}, .keys = {key}});
  REQUIRE(run.WaitForReason("enterprise", "mtls_required"));
  const std::string log = run.process().Err();
  CHECK(log.find("reason=mtls_required") != std::string::npos);
  CHECK(log.find("this apikey works with a client certificate only: set tls_config.cert_file and "
                 "key_file of this key") != std::string::npos);
  CHECK_FALSE(run.Metrics().Has("mdcloud_apikey_valid", {{"key", "enterprise"}}));
}

TEST_CASE(
    "server_name: the certificate's name and the name asked for, at the address of base_url") {
  const test::Authority authority;
  const test::TempDir dir;
  const http::TlsSettings identity = authority.Issue({.name = "api.example.org"});
  simulator::Cloud cloud;
  const test::Nghttpx proxy(identity, cloud.Port());
  const std::vector<KeyScript> keys = {test::AddKey(cloud, "new"), test::AddKey(cloud, "old")};
  ExporterRun run(
      cloud,
      {.global = "  tls_config: {ca_file: " + dir.Write("ca.pem", authority.Certificate()) + "}\n",
       .key_options = ", base_url: " + proxy.BaseUrl(),
       .arguments = {},
       .keys = {keys[0], keys[1], test::AddKey(cloud, "stranger")},
       .options_of = {{"new", ", tls_config: {server_name: api.example.org}"},
                      {"old", ", http_version: 1.1, tls_config: {server_name: api.example.org}"}}});
  REQUIRE(run.WaitForReason("stranger", "tls"));
  test::CheckUnharmed(run, cloud, keys);
  for (const KeyScript& key : keys) {
    for (const simulator::RequestRecord& request : cloud.RequestsOf(key.name)) {
      CHECK(request.Header("host") == "api.example.org:" + std::to_string(proxy.Port()));
    }
  }
  // The caps count by the host that was configured.
  CHECK(run.Metrics().Has("mdcloud_client_host_paused",
                          {{"host", "127.0.0.1:" + std::to_string(proxy.Port())}}));
}

TEST_CASE("insecure_skip_verify takes any certificate") {
  const test::Authority authority;
  simulator::CloudOptions options;
  options.tls = authority.Issue({.name = "somewhere.example.org"});
  simulator::Cloud cloud(std::move(options));
  const std::vector<KeyScript> keys = {test::AddKey(cloud, "careless")};
  ExporterRun run(cloud,
                  {.global = "",
                   .key_options = "",
                   .arguments = {},
                   .keys = {keys[0], test::AddKey(cloud, "careful")},
                   .options_of = {{"careless", ", tls_config: {insecure_skip_verify: true}"}}});
  REQUIRE(run.WaitForReason("careful", "tls"));
  test::CheckUnharmed(run, cloud, keys);
}
