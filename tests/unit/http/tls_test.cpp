#include "http/tls.h"

#include <curl/curl.h>
#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "http/server.h"
#include "tests/certificates.h"
#include "tls_client.h"

using http::ClientAuth;
using http::Server;
using http::TlsCredentials;
using http::TlsSettings;
using http::TlsVersion;

namespace {

std::shared_ptr<const TlsCredentials> Credentials(const TlsSettings& settings) {
  auto credentials = TlsCredentials::Create(settings);
  REQUIRE_MESSAGE(credentials, credentials.error());
  return *credentials;
}

std::unique_ptr<Server> Serve(const TlsSettings& settings) {
  http::ServerOptions options;
  options.listen_addresses = {"127.0.0.1:0"};
  options.tls = Credentials(settings);
  auto server = Server::Start(std::move(options), [](const http::Request& request) {
    http::Response response;
    response.body = std::make_shared<const std::string>("body of " + request.path);
    return response;
  });
  REQUIRE(server);
  return std::move(*server);
}

// Empty: they are accepted.
std::string ProblemOf(const TlsSettings& settings) {
  const auto credentials = TlsCredentials::Create(settings);
  return credentials ? std::string() : credentials.error();
}

bool Contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace

TEST_CASE("settings that cannot work are refused in one line without their texts") {
  const test::Authority authority;
  const TlsSettings good = authority.Issue();
  CHECK(ProblemOf(good).empty());
  TlsSettings bad = good;
  SUBCASE("no certificate") {
    bad.certificate.clear();
    CHECK(ProblemOf(bad) == "the certificate is missing");
  }
  SUBCASE("a text instead of a certificate") {
    bad.certificate = "words";
    CHECK(ProblemOf(bad) == "the certificate is not a PEM certificate");
  }
  SUBCASE("half a certificate") {
    bad.certificate.resize(bad.certificate.size() / 2);
    CHECK(ProblemOf(bad) == "the certificate is not a PEM certificate");
  }
  SUBCASE("no key") {
    bad.private_key.clear();
    CHECK(ProblemOf(bad) == "the private key is missing");
  }
  SUBCASE("a text instead of a key") {
    bad.private_key = "-----BEGIN PRIVATE KEY-----\nd29yZHM=\n-----END PRIVATE KEY-----\n";
    CHECK(ProblemOf(bad) == "the private key is not a PEM private key");
  }
  SUBCASE("an encrypted key") {
    bad.private_key =
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nd29yZHM=\n-----END ENCRYPTED PRIVATE KEY-----\n";
    CHECK(ProblemOf(bad) == "the private key is encrypted");
  }
  SUBCASE("the key of another certificate") {
    bad.private_key = authority.Issue().private_key;
    CHECK(ProblemOf(bad) == "the private key does not belong to the certificate");
  }
  SUBCASE("a text instead of a client CA") {
    bad.client_auth = ClientAuth::kRequireAndVerify;
    bad.client_ca = "words";
    CHECK(ProblemOf(bad) == "the client CA is not a PEM certificate");
  }
  SUBCASE("nothing to verify with") {
    bad.client_auth = ClientAuth::kVerifyIfGiven;
    CHECK(ProblemOf(bad) == "client certificates cannot be verified without a client CA");
    bad.client_auth = ClientAuth::kRequireAndVerify;
    CHECK(ProblemOf(bad) == "client certificates cannot be verified without a client CA");
  }
  SUBCASE("rules for certificates that are not asked for") {
    bad.client_ca = authority.Certificate();
    CHECK(ProblemOf(bad) == "there is a client CA, but no client certificate is asked for");
    bad.client_ca.clear();
    bad.client_allowed_sans = {"a"};
    CHECK(ProblemOf(bad) ==
          "there are allowed client names, but no client certificate is asked for");
  }
  SUBCASE("versions the wrong way round") {
    bad.min_version = TlsVersion::kTls13;
    bad.max_version = TlsVersion::kTls12;
    CHECK(ProblemOf(bad) == "the lowest TLS version is above the highest");
  }
}

TEST_CASE("only the versions allowed are spoken") {
  const test::Authority authority;
  TlsSettings settings = authority.Issue();
  bool has_12 = true;
  bool has_13 = true;
  SUBCASE("both") {}
  SUBCASE("1.3 at least") {
    settings.min_version = TlsVersion::kTls13;
    has_12 = false;
  }
  SUBCASE("1.2 at most") {
    settings.max_version = TlsVersion::kTls12;
    has_13 = false;
  }
  const auto server = Serve(settings);
  const auto works = [&](const char* version) {
    return GetOverTls(server->Ports().front(), "/",
                      {.trusted = authority.Certificate(), .max_version = version, .only = true})
               .code == CURLE_OK;
  };
  CHECK(works("1.2") == has_12);
  CHECK(works("1.3") == has_13);
  CHECK_FALSE(works("1.1"));
  const std::uint16_t port = server->Ports().front();
  CHECK(Contains(OpensslClient(port, "-tls1_2"), "body of /") == has_12);
  CHECK(Contains(OpensslClient(port, "-tls1_3"), "body of /") == has_13);
  for (const char* old : {"-tls1_1", "-tls1"}) {
    const std::string said = OpensslClient(port, std::string(old) + " -cipher DEFAULT@SECLEVEL=0");
    CHECK_FALSE(Contains(said, "body of /"));
    CHECK(Contains(said, "CONNECTED"));  // it was the server that refused
  }
}

TEST_CASE(
    "there is no session to resume without a handshake, and no key exchange without secrecy") {
  const test::Authority authority;
  const auto server = Serve(authority.Issue());
  const std::uint16_t port = server->Ports().front();
  CHECK_FALSE(Contains(OpensslClient(port, "-tls1_3"), "New Session Ticket arrived"));
  CHECK_FALSE(Contains(OpensslClient(port, "-tls1_2"), "TLS session ticket"));
}

TEST_CASE("a replaced certificate is shown at the next connection; open ones go on") {
  const test::Authority first;
  const test::Authority second;
  const auto server = Serve(first.Issue());
  const std::uint16_t port = server->Ports().front();
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> open(curl_easy_init(),
                                                                 &curl_easy_cleanup);
  const std::string trusted = first.Certificate();
  curl_blob authorities = {const_cast<char*>(trusted.data()), trusted.size(), CURL_BLOB_COPY};
  const std::string url = "https://127.0.0.1:" + std::to_string(port) + "/";
  curl_easy_setopt(open.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(open.get(), CURLOPT_PROXY, "");
  curl_easy_setopt(open.get(), CURLOPT_CAINFO_BLOB, &authorities);
  curl_easy_setopt(open.get(), CURLOPT_NOBODY, 1L);
  REQUIRE(curl_easy_perform(open.get()) == CURLE_OK);

  TlsSettings settings = second.Issue();
  settings.min_version = TlsVersion::kTls13;
  server->ReplaceTls(Credentials(settings));
  CHECK(GetOverTls(port, "/", {.trusted = second.Certificate()}).body == "body of /");
  CHECK(GetOverTls(port, "/", {.trusted = first.Certificate()}).code ==
        CURLE_PEER_FAILED_VERIFICATION);
  CHECK(GetOverTls(port, "/", {.trusted = second.Certificate(), .max_version = "1.2"}).code !=
        CURLE_OK);
  long connections = 0;
  CHECK(curl_easy_perform(open.get()) == CURLE_OK);
  curl_easy_getinfo(open.get(), CURLINFO_NUM_CONNECTS, &connections);
  CHECK(connections == 0);

  server->ReplaceTls(nullptr);
  CHECK(GetOverTls(port, "/", {.trusted = second.Certificate()}).body == "body of /");
}

TEST_CASE("certificates are replaced while clients connect, again and again") {
  const test::Authority authority;
  const auto server = Serve(authority.Issue());
  const std::string trusted = authority.Certificate();
  std::atomic<int> failed = 0;
  std::atomic<int> fetched = 0;
  std::vector<std::thread> clients;
  for (int i = 0; i < 3; ++i) {
    clients.emplace_back([&] {
      for (int k = 0; k < 30; ++k) {
        const Fetched answer = GetOverTls(server->Ports().front(), "/", {.trusted = trusted});
        ++(answer.code == CURLE_OK ? fetched : failed);
      }
    });
  }
  const TlsSettings settings[] = {authority.Issue(), authority.Issue()};
  for (std::size_t i = 0; fetched + failed < 90; ++i) {
    server->ReplaceTls(*TlsCredentials::Create(settings[i % 2]));
  }
  for (std::thread& client : clients) client.join();
  CHECK(failed == 0);
  CHECK(fetched == 90);
}
