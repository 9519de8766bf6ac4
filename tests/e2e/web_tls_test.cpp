// --web.config.file with TLS, as curl, openssl and a real Prometheus see it.
#include <curl/curl.h>
#include <doctest/doctest.h>

#include <string>

#include "tests/e2e/prometheus.h"
#include "tests/e2e/web_run.h"
#include "tests/unit/http/tls_client.h"

using test::WebRun;

namespace {

constexpr const char* kTls = "tls_server_config:\n  cert_file: CERT\n  key_file: KEY\n";

bool Handshakes(const WebRun& run, const std::string& options) {
  // Old versions are offered at all only at this security level.
  const std::string told = OpensslClient(run.PortNumber(), options + " -cipher DEFAULT@SECLEVEL=0");
  INFO(told);
  return told.find("HTTP/1.1 200 OK") != std::string::npos;
}

Fetched As(const WebRun& run, const http::TlsSettings& identity) {
  return GetOverTls(run.PortNumber(), "/-/healthy",
                    {.trusted = run.authority().Certificate(), .identity = identity});
}

void CheckUp(const test::Prometheus& prometheus, const std::string& value) {
  REQUIRE_MESSAGE(!prometheus.port().empty(), prometheus.Log());
  const bool ok = test::Eventually([&] { return prometheus.Is("up", value); });
  CHECK_MESSAGE(ok, "up is not " << value << ": " << prometheus.Query("up"));
}

}  // namespace

TEST_CASE("TLS 1.2 and 1.3 are spoken, nothing older and no plain HTTP") {
  WebRun run(kTls);
  CHECK(Handshakes(run, "-tls1_2"));
  CHECK(Handshakes(run, "-tls1_3"));
  CHECK_FALSE(Handshakes(run, "-tls1_1"));
  CHECK_FALSE(Handshakes(run, "-tls1"));
  CHECK(run.Ask("/metrics").status == 0);
  CHECK(run.AskOverTls("/metrics").status == 200);
  CHECK(test::Fetch("https://127.0.0.1:" + run.port() + "/").status == 0);  // an unknown authority
  CHECK(run.Probe("/-/healthy").status == 200);
}

TEST_CASE("min_version and max_version are kept") {
  WebRun newest(std::string(kTls) + "  min_version: TLS13\n");
  CHECK(Handshakes(newest, "-tls1_3"));
  CHECK_FALSE(Handshakes(newest, "-tls1_2"));
  WebRun older(std::string(kTls) + "  max_version: TLS12\n");
  CHECK(Handshakes(older, "-tls1_2"));
  CHECK_FALSE(Handshakes(older, "-tls1_3"));
}

TEST_CASE("a client needs a certificate of the authority, for an allowed name") {
  WebRun run(std::string(kTls) +
             "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: CA\n"
             "  client_allowed_sans: [prometheus.example.org]\n");
  const test::Authority other;
  const auto good = As(run, run.authority().Issue({.name = "prometheus.example.org"}));
  CHECK_MESSAGE(good.code == CURLE_OK, good.problem);
  CHECK(good.body == "Healthy\n");
  CHECK(As(run, {}).code != CURLE_OK);
  CHECK(As(run, other.Issue({.name = "prometheus.example.org"})).code != CURLE_OK);
  CHECK(As(run, run.authority().Issue({.name = "someone.example.org"})).code != CURLE_OK);
  CHECK(run.Probe("/-/ready").status != 0);
}

TEST_CASE("a certificate is verified if it is given, or only has to be there") {
  const test::Authority other;
  WebRun given(std::string(kTls) +
               "  client_auth_type: VerifyClientCertIfGiven\n  client_ca_file: CA\n");
  CHECK(As(given, {}).code == CURLE_OK);
  CHECK(As(given, given.authority().Issue()).code == CURLE_OK);
  CHECK(As(given, other.Issue()).code != CURLE_OK);
  WebRun any(std::string(kTls) + "  client_auth_type: RequireAnyClientCert\n");
  CHECK(As(any, {}).code != CURLE_OK);
  CHECK(As(any, other.Issue()).code == CURLE_OK);
}

TEST_CASE("a real Prometheus scrapes it with tls_config and basic_auth") {
  WebRun run(std::string(kTls) +
             "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: CA\n"
             "basic_auth_users:\n  prometheus: " +
             test::kHash + "\n");
  const http::TlsSettings client = run.authority().Issue({.name = "prometheus.example.org"});
  const std::string certificate = run.dir().Write("client.pem", client.certificate);
  const std::string key = run.dir().Write("client.key", client.private_key);
  const std::string tls = "    scheme: https\n    tls_config: {ca_file: " + run.ca_file();
  const std::string identity = ", cert_file: " + certificate + ", key_file: " + key + "}\n";
  const std::string user = "    basic_auth: {username: prometheus, password: open sesame}\n";

  const test::Prometheus good(run.port(), "1s", tls + identity + user);
  CheckUp(good, "1");
  CHECK(test::Eventually([&] { return good.Is("mdcloud_up", "1"); }));
  CHECK(good.Complaints().empty());
  CheckUp(test::Prometheus(run.port(), "1s", tls + identity), "0");
  CheckUp(test::Prometheus(run.port(), "1s", tls + "}\n" + user), "0");
}
