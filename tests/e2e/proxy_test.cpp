// Proxies between the exporter and the service, with and without the right password.
#include <doctest/doctest.h>

#include "simulator/raw_peer.h"
#include "tests/certificates.h"
#include "tests/e2e/exporter_run.h"
#include "tests/e2e/proxies.h"

using simulator::KeyScript;
using test::ExporterRun;

namespace {

constexpr const char* kWrongPassword = "wrong-password-SENTINEL";

// A service over TLS, as behind a real proxy.
class Rig {
 public:
  Rig() : cloud_(WithTls(authority_)) {}

  [[nodiscard]] simulator::Cloud& cloud() { return cloud_; }
  [[nodiscard]] const test::Authority& authority() const { return authority_; }
  [[nodiscard]] KeyScript Add(const std::string& name, const std::string& options = "") {
    keys_.push_back(test::AddKey(cloud_, name));
    options_of_[name] = options;
    return keys_.back();
  }
  // ", proxy_url: ..., proxy_credentials_file: ..."
  [[nodiscard]] std::string Through(const std::string& url, const std::string& password) const {
    const std::string file =
        dir_.Write("login-" + password, std::string(test::kProxyUser) + ":" + password + "\n");
    return ", proxy_url: \"" + url + "\", proxy_credentials_file: " + file;
  }
  [[nodiscard]] ExporterRun Run(const std::map<std::string, std::string>& environment = {}) const {
    return ExporterRun(cloud_, {.global = "  tls_config: {ca_file: " +
                                          dir_.Write("ca.pem", authority_.Certificate()) + "}\n",
                                .key_options = "",
                                .arguments = {"--log.level=debug"},
                                .keys = keys_,
                                .options_of = options_of_,
                                .environment = environment});
  }

 private:
  static simulator::CloudOptions WithTls(const test::Authority& authority) {
    simulator::CloudOptions options;
    options.tls = authority.Issue();
    return options;
  }

  const test::Authority authority_;
  const test::TempDir dir_;
  simulator::Cloud cloud_;
  std::vector<KeyScript> keys_;
  std::map<std::string, std::string> options_of_;
};

void CheckLog(ExporterRun& run, const std::string& text) {
  CHECK_MESSAGE(run.process().Err().find(text) != std::string::npos, text);
  CHECK(run.process().Err().find("SENTINEL") == std::string::npos);
}

std::string LoopbackUrl(const char* scheme, std::uint16_t port) {
  return std::string(scheme) + "://127.0.0.1:" + std::to_string(port);
}

}  // namespace

TEST_CASE("an HTTP proxy, with its password, a wrong one and none") {
  const test::Tinyproxy proxy;
  Rig rig;
  const KeyScript good = rig.Add("good", rig.Through(proxy.Url(), test::kProxyPassword));
  (void)rig.Add("wrong", rig.Through(proxy.Url(), kWrongPassword));
  (void)rig.Add("none", ", proxy_url: \"" + proxy.Url() + "\"");
  ExporterRun run = rig.Run();
  REQUIRE(run.WaitForReason("wrong", "connect"));
  REQUIRE(run.WaitForReason("none", "connect"));
  // Meanwhile there are tunnels of the good key to take, round after round.
  for (int round = 0; round < 4; ++round) test::CheckUnharmed(run, rig.cloud(), {good});
  CHECK(rig.cloud().RequestsOf("wrong").empty());
  CHECK(rig.cloud().RequestsOf("none").empty());
  CHECK(proxy.Asked() >= 3);
  CheckLog(run, "it does not accept the user and the password of proxy_credentials_file");
  CheckLog(run, "it wants a user and a password: set proxy_credentials_file");
}

TEST_CASE("an HTTPS proxy: its certificate is checked, too") {
  Rig rig;
  const test::Tinyproxy behind;
  const test::Authority unknown;
  const test::Nghttpx proxy(rig.authority().Issue(), behind.Port(), {"--http2-proxy"});
  const test::Nghttpx stranger(unknown.Issue(), behind.Port(), {"--http2-proxy"});
  const KeyScript good =
      rig.Add("good", rig.Through(LoopbackUrl("https", proxy.Port()), test::kProxyPassword));
  (void)rig.Add("wrong", rig.Through(LoopbackUrl("https", proxy.Port()), kWrongPassword));
  (void)rig.Add("stranger",
                rig.Through(LoopbackUrl("https", stranger.Port()), test::kProxyPassword));
  ExporterRun run = rig.Run();
  REQUIRE(run.WaitForReason("wrong", "connect"));
  REQUIRE(run.WaitForReason("stranger", "tls"));
  for (int round = 0; round < 2; ++round) test::CheckUnharmed(run, rig.cloud(), {good});
  CHECK(rig.cloud().RequestsOf("wrong").empty());
  CheckLog(run, "it does not accept the user and the password of proxy_credentials_file");
}

TEST_CASE("a SOCKS proxy, with its password, a wrong one and none") {
  const test::Microsocks proxy;
  Rig rig;
  const std::string url = LoopbackUrl("socks5", proxy.Port());
  const std::vector<KeyScript> good = {
      rig.Add("good", rig.Through(url, test::kProxyPassword)),
      rig.Add("remote", rig.Through(LoopbackUrl("socks5h", proxy.Port()), test::kProxyPassword))};
  (void)rig.Add("wrong", rig.Through(url, kWrongPassword));
  (void)rig.Add("none", ", proxy_url: \"" + url + "\"");
  ExporterRun run = rig.Run();
  REQUIRE(run.WaitForReason("wrong", "connect"));
  REQUIRE(run.WaitForReason("none", "connect"));
  for (int round = 0; round < 2; ++round) test::CheckUnharmed(run, rig.cloud(), good);
  CHECK(rig.cloud().RequestsOf("wrong").empty());
  CHECK(rig.cloud().RequestsOf("none").empty());
  CheckLog(run, "it does not accept the user and the password of proxy_credentials_file");
  CheckLog(run, "it wants a user and a password: set proxy_credentials_file");
}

TEST_CASE("what a proxy answers is not the service's verdict, and it never sees the apikey") {
  using Kind = simulator::PeerStep::Kind;
  const std::string body = R"({"error":{"code":401006,"messages":["Invalid Apikey"]}})";
  for (const char* status : {"401 Unauthorized", "403 Forbidden", "407 Proxy", "502 Bad"}) {
    CAPTURE(status);
    const simulator::RawPeer proxy(
        {{.kind = Kind::kReadRequest},
         {.kind = Kind::kSend,
          .bytes = std::string("HTTP/1.1 ") + status + "\r\nRetry-After: 7200\r\nContent-Length: " +
                   std::to_string(body.size()) + "\r\n\r\n" + body}});
    Rig rig;
    const std::string url = proxy.BaseUrl().substr(0, proxy.BaseUrl().rfind("/v4"));
    const KeyScript key = rig.Add("key", rig.Through(url, test::kProxyPassword));
    ExporterRun run = rig.Run();
    REQUIRE(run.WaitForReason("key", "connect"));
    CHECK_FALSE(run.Metrics().Has("mdcloud_apikey_valid", {{"key", "key"}}));
    REQUIRE_FALSE(proxy.Requests().empty());
    for (const std::string& request : proxy.Requests()) {
      CHECK(request.starts_with("CONNECT 127.0.0.1:"));
      CHECK(request.find("apikey") == std::string::npos);
      CHECK(request.find(key.apikey) == std::string::npos);
      CHECK(request.find("Proxy-Authorization: Basic ") != std::string::npos);
    }
    CheckLog(run, std::string(status).substr(0, 3));
  }
}

TEST_CASE("the proxy of the environment is used where the key says so") {
  const test::Tinyproxy proxy(false);
  Rig rig;
  const KeyScript direct = rig.Add("direct");
  ExporterRun without = rig.Run({{"https_proxy", proxy.Url()}, {"ALL_PROXY", proxy.Url()}});
  test::CheckUnharmed(without, rig.cloud(), {direct});
  CHECK(proxy.Asked() == 0);
  const KeyScript through = rig.Add("through", ", proxy_from_environment: true");
  ExporterRun with = rig.Run({{"https_proxy", proxy.Url()}});
  test::CheckUnharmed(with, rig.cloud(), {direct, through});
  CHECK(proxy.Asked() > 0);
}

TEST_CASE("no_proxy of the environment is for the environment's proxy only") {
  const test::Tinyproxy proxy;
  Rig rig;
  const KeyScript key = rig.Add("key", rig.Through(proxy.Url(), test::kProxyPassword));
  ExporterRun run = rig.Run({{"no_proxy", "*"}, {"NO_PROXY", "127.0.0.1"}});
  test::CheckUnharmed(run, rig.cloud(), {key});
  CHECK(proxy.Asked() > 0);
}

TEST_CASE("a proxy of the environment that is none is not quoted") {
  Rig rig;
  (void)rig.Add("key", ", proxy_from_environment: true");
  for (const char* url : {"gopher://somebody:SENTINEL@127.0.0.1:70", "http://a:SENTINEL@[::1",
                          "http://somebody:SENTINEL@nowhere.invalid:1"}) {
    CAPTURE(url);
    ExporterRun run = rig.Run({{"https_proxy", url}});
    REQUIRE(test::Eventually(
        [&] { return run.process().Err().find("scrape failed") != std::string::npos; }));
    CHECK(run.process().Err().find("SENTINEL") == std::string::npos);
  }
}
