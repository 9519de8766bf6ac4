// Whom a TLS server lets in: refused means that no byte of HTTP is answered, in TLS 1.2 and 1.3.

#include <curl/curl.h>
#include <doctest/doctest.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "http/server.h"
#include "tests/certificates.h"
#include "tests/temp_dir.h"
#include "tls_client.h"

using http::ClientAuth;
using http::Server;
using http::TlsSettings;

namespace {

// A server of one authority, with clients of another.
class Gate {
 public:
  explicit Gate(ClientAuth client_auth, std::vector<std::string> allowed = {}) {
    TlsSettings settings = servers_.Issue();
    settings.client_auth = client_auth;
    if (client_auth != ClientAuth::kNone) settings.client_ca = clients_.Certificate();
    settings.client_allowed_sans = std::move(allowed);
    Start(settings);
  }

  void Start(const TlsSettings& settings) {
    http::ServerOptions options;
    options.listen_addresses = {"127.0.0.1:0"};
    auto credentials = http::TlsCredentials::Create(settings);
    REQUIRE_MESSAGE(credentials, credentials.error());
    options.tls = *credentials;
    auto server = Server::Start(std::move(options), [this](const http::Request&) {
      ++requests_;
      http::Response response;
      response.body = std::make_shared<const std::string>("let in");
      return response;
    });
    REQUIRE(server);
    server_ = std::move(*server);
  }

  // The same with TLS 1.2 and 1.3, and what is refused did not reach the handler.
  bool LetsIn(const TlsSettings& identity) {
    const int before = requests_;
    int let_in = 0;
    for (const char* version : {"1.2", "1.3"}) {
      const Fetched fetched = GetOverTls(server_->Ports().front(), "/",
                                         {.trusted = servers_.Certificate(),
                                          .identity = identity,
                                          .max_version = version,
                                          .only = true});
      if (fetched.body == "let in") ++let_in;
    }
    CHECK(requests_ - before == let_in);
    CHECK((let_in == 0 || let_in == 2));
    return let_in == 2;
  }

  [[nodiscard]] const test::Authority& Servers() const { return servers_; }
  [[nodiscard]] const test::Authority& Clients() const { return clients_; }
  [[nodiscard]] Server& Running() { return *server_; }

 private:
  const test::Authority servers_;
  const test::Authority clients_;
  std::atomic<int> requests_ = 0;
  std::unique_ptr<Server> server_;
};

const TlsSettings kNobody;

}  // namespace

TEST_CASE("who is let in by each kind of client authentication") {
  struct Row {
    ClientAuth client_auth;
    bool without;
    bool of_others;
    bool expired;
  };
  for (const Row& row :
       {Row{ClientAuth::kNone, true, true, true}, Row{ClientAuth::kRequest, true, true, true},
        Row{ClientAuth::kRequireAny, false, true, true},
        Row{ClientAuth::kVerifyIfGiven, true, false, false},
        Row{ClientAuth::kRequireAndVerify, false, false, false}}) {
    CAPTURE(static_cast<int>(row.client_auth));
    Gate gate(row.client_auth);
    const auto now = std::chrono::system_clock::now();
    CHECK(gate.LetsIn(gate.Clients().Issue({.name = "client.test"})));
    CHECK(gate.LetsIn(kNobody) == row.without);
    CHECK(gate.LetsIn(test::Authority().Issue({.name = "client.test"})) == row.of_others);
    CHECK(gate.LetsIn(gate.Clients().Issue(
              {.name = "client.test", .not_after = now - std::chrono::minutes(1)})) == row.expired);
    CHECK(gate.LetsIn(gate.Clients().Issue(
              {.name = "client.test", .not_before = now + std::chrono::hours(1)})) == row.expired);
  }
}

TEST_CASE("a certificate for servers only is not one of a client") {
  Gate gate(ClientAuth::kRequireAndVerify);
  CHECK_FALSE(gate.LetsIn(gate.Clients().Issue({.name = "client.test", .servers_only = true})));
}

TEST_CASE("a client is known by a name of any kind, exactly") {
  Gate gate(ClientAuth::kRequireAndVerify,
            {"client.test", "192.0.2.7", "2001:DB8:0::7", "someone@client.test",
             "spiffe://client.test/prometheus"});
  for (const char* name : {"client.test", "192.0.2.7", "2001:db8::7", "someone@client.test",
                           "spiffe://client.test/prometheus"}) {
    CAPTURE(name);
    CHECK(gate.LetsIn(gate.Clients().Issue({.name = name})));
    CHECK_FALSE(gate.LetsIn(test::Authority().Issue({.name = name})));
  }
  for (const char* name :
       {"other.test", "client.test.other.test", "a.client.test", "*.test", "192.0.2.8",
        "2001:db8::8", "other@client.test", "spiffe://client.test/prometheus/"}) {
    CAPTURE(name);
    CHECK_FALSE(gate.LetsIn(gate.Clients().Issue({.name = name})));
  }
  CHECK_FALSE(gate.LetsIn(kNobody));
}

// Checking what such a client signs would hold up everybody else.
TEST_CASE("a client with an RSA key of a size that nobody has is refused, whoever vouches for it") {
  using Key = test::CertificateRequest::Key;
  for (const ClientAuth client_auth : {ClientAuth::kRequest, ClientAuth::kRequireAndVerify}) {
    Gate gate(client_auth);
    CHECK(gate.LetsIn(gate.Clients().Issue({.name = "client.test", .key = Key::kRsa})));
    CHECK_FALSE(gate.LetsIn(
        gate.Clients().Issue({.name = "client.test", .key = Key::kRsaWithLongExponent})));
  }
  Gate gate(ClientAuth::kRequireAny);
  const test::TempDir directory;
  const std::string key = directory.path() + "/key.pem";
  const std::string certificate = directory.path() + "/certificate.pem";
  // Of many primes, since these are found soon.
  const std::string command = "openssl genrsa -primes 5 -out " + key +
                              " 8200 && openssl req -x509 -subj /CN=a -key " + key + " -out " +
                              certificate;
  REQUIRE(std::system(command.c_str()) == 0);
  for (const std::string version : {"-tls1_2", "-tls1_3"}) {
    CAPTURE(version);
    const std::string refused = OpensslClient(gate.Running().Ports().front(),
                                              version + " -cert " + certificate + " -key " + key);
    CHECK(refused.find("let in") == std::string::npos);
  }
}

TEST_CASE("where names are wanted, having none does not help") {
  Gate gate(ClientAuth::kVerifyIfGiven, {"client.test"});
  CHECK(gate.LetsIn(gate.Clients().Issue({.name = "client.test"})));
  CHECK_FALSE(gate.LetsIn(kNobody));
}

TEST_CASE("a client CA and names that are replaced hold for the next connection") {
  Gate gate(ClientAuth::kRequireAndVerify);
  const test::Authority later;
  CHECK(gate.LetsIn(gate.Clients().Issue({.name = "client.test"})));
  TlsSettings settings = gate.Servers().Issue();
  settings.client_auth = ClientAuth::kRequireAndVerify;
  settings.client_ca = later.Certificate();
  settings.client_allowed_sans = {"later.test"};
  gate.Running().ReplaceTls(*http::TlsCredentials::Create(settings));
  CHECK_FALSE(gate.LetsIn(gate.Clients().Issue({.name = "later.test"})));
  CHECK_FALSE(gate.LetsIn(later.Issue({.name = "client.test"})));
  CHECK(gate.LetsIn(later.Issue({.name = "later.test"})));
  settings.client_auth = ClientAuth::kNone;
  settings.client_ca.clear();
  settings.client_allowed_sans.clear();
  gate.Running().ReplaceTls(*http::TlsCredentials::Create(settings));
  CHECK(gate.LetsIn(kNobody));
}

TEST_CASE("openssl's client is let in and told why not") {
  Gate gate(ClientAuth::kRequireAndVerify);
  const test::TempDir directory;
  const auto options = [&](const TlsSettings& identity) {
    return " -cert " + directory.Write("cert.pem", identity.certificate) + " -key " +
           directory.Write("key.pem", identity.private_key);
  };
  for (const std::string version : {"-tls1_2", "-tls1_3"}) {
    CAPTURE(version);
    const std::uint16_t port = gate.Running().Ports().front();
    CHECK(OpensslClient(port, version + options(gate.Clients().Issue({.name = "client.test"})))
              .find("let in") != std::string::npos);
    const std::string refused =
        OpensslClient(port, version + options(test::Authority().Issue({.name = "client.test"})));
    CHECK(refused.find("let in") == std::string::npos);
    CHECK(refused.find("alert bad certificate") != std::string::npos);
    CHECK(OpensslClient(port, version).find("let in") == std::string::npos);
  }
}
