// Client certificates and the passwords of proxies that are replaced while the exporter runs.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <string>

#include "exporter/config/live_config.h"
#include "fake_certificates.h"
#include "tests/captured_log.h"

using exporter::LiveConfig;
using scrape::Connection;
using scrape::SteadyTime;

namespace {

constexpr const char* kText = R"(keys:
  - {name: plain, apikey_file: keys/production}
  - {name: mtls, apikey_file: keys/other, tls_config: {cert_file: client.crt, key_file: client.key}}
key_directories:
  - path: secrets
    proxy_url: http://proxy.example.com:3128
    proxy_credentials_file: proxy-login
)";

struct Fixture {
  Fixture() {
    around.files["config.yaml"] = kText;
    live.emplace(exporter::ConfigFile{"config.yaml", true}, "", around.Get());
    live->Follow(
        {.keys = [this](const exporter::Config&) { return ++applied > 0; }, .web = {}, .news = {}});
  }
  void Refresh() { live->Refresh(SteadyTime{}); }
  [[nodiscard]] const Connection& Of(const std::string& name) const {
    const auto config = live->InForce();
    return *(**std::ranges::find(config->keys, name, &scrape::ApiKey::name)).connection;
  }

  FakeSurroundings around = WithCertificates();
  std::optional<LiveConfig> live;
  int applied = 0;
};

}  // namespace

TEST_CASE("a certificate that is renewed is taken over with its key, not before") {
  Fixture run;
  const std::string before = run.Of("mtls").identity->certificate;
  run.Refresh();
  CHECK(run.applied == 0);
  const auto renewed = test::Authority().Issue({.name = "client"});
  run.around.files["client.crt"] = renewed.certificate;
  run.Refresh();
  CHECK(run.applied == 0);
  CHECK(run.Of("mtls").identity->certificate == before);
  run.around.files["client.key"] = renewed.private_key;
  run.Refresh();
  CHECK(run.applied == 1);
  CHECK(run.Of("mtls").identity->certificate == renewed.certificate);
  CHECK(run.Of("mtls").identity->private_key == scrape::Secret(renewed.private_key));
  CHECK(run.Of("plain").identity == nullptr);
}

TEST_CASE("a certificate or a password that cannot be read stays what it was") {
  Fixture run;
  const std::string before = run.Of("mtls").identity->certificate;
  for (const char* file : {"client.crt", "client.key", "proxy-login"}) {
    const std::string good = run.around.files[file];
    run.around.files[file] = "nonsense\n";
    run.Refresh();
    run.around.files.erase(file);
    run.Refresh();
    CHECK(run.Of("mtls").identity->certificate == before);
    CHECK(run.Of("alpha").proxy_credentials->user == scrape::Secret("user"));
    run.around.files[file] = good;
    run.Refresh();
  }
  CHECK(run.applied == 0);
  // A key of which only the apikey changes meanwhile keeps its certificate, too.
  run.around.files.erase("client.crt");
  run.around.files["keys/other"] = "another-apikey-SENTINEL";
  run.Refresh();
  CHECK(run.applied == 1);
  CHECK(run.Of("mtls").identity->certificate == before);
  CHECK_FALSE(run.live->Reload().has_value());
  CHECK(run.Of("mtls").identity->certificate == before);
}

// libcurl would open the file for every connection, and hang with it, or fail without it.
TEST_CASE("authorities are kept as they were read, and replaced as a whole") {
  FakeSurroundings around = WithCertificates();
  around.files["config.yaml"] =
      "keys: [{name: a, apikey_file: keys/production, tls_config: {ca_file: ca.pem}}]\n";
  LiveConfig live({"config.yaml", true}, "", around.Get());
  live.Follow({.keys = [](const exporter::Config&) { return true; }, .web = {}, .news = {}});
  const auto authorities = [&] { return *live.InForce()->keys[0]->connection->authorities; };
  const std::string first = authorities();
  CHECK(first == around.files["ca.pem"]);
  around.files.erase("ca.pem");
  live.Refresh(SteadyTime{});
  CHECK(authorities() == first);
  const std::string other = test::Authority().Certificate();
  around.files["ca.pem"] = other;
  live.Refresh(SteadyTime{});
  CHECK(authorities() == other);
}

TEST_CASE("another password of a proxy is taken over, and its files are watched") {
  Fixture run;
  for (const char* file : {"client.crt", "client.key", "proxy-login"}) {
    CHECK(run.live->Watched().files.contains(file));
  }
  run.around.files["proxy-login"] = "user:another-SENTINEL\n";
  run.Refresh();
  CHECK(run.applied == 1);
  CHECK(run.Of("alpha").proxy_credentials->password == scrape::Secret("another-SENTINEL"));
  CHECK(run.Of("beta") == run.Of("alpha"));
}

TEST_CASE("a certificate that has expired when it is taken over is told, and told once") {
  Fixture run;
  const test::CapturedLog log;
  run.around.files["client.crt"] = run.around.files["expired.crt"];
  run.around.files["client.key"] = run.around.files["expired.key"];
  run.Refresh();
  run.around.files["keys/production"] = "another-apikey-SENTINEL";
  run.Refresh();
  CHECK(run.applied == 2);
  CHECK(log.Lines("the certificate in cert_file has expired").size() == 1);
}

TEST_CASE("a reload of the same configuration changes no key") {
  Fixture run;
  const auto before = run.live->InForce();
  CHECK(run.live->Reload().has_value());
  const auto after = run.live->InForce();
  REQUIRE(after->keys.size() == before->keys.size());
  for (std::size_t i = 0; i < after->keys.size(); ++i) {
    CHECK(*after->keys[i] == *before->keys[i]);
    CHECK(*after->keys[i]->connection == *before->keys[i]->connection);
  }
}
