#include <curl/curl.h>
#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <string>

#include "http/server.h"
#include "raw_client.h"
#include "tests/certificates.h"

using http::Response;
using http::Server;
using Ending = http::Response::Ending;

namespace {

struct Fetched {
  CURLcode code = CURLE_OK;
  std::string body;
  std::string problem;
};

std::size_t AddBody(char* bytes, std::size_t size, std::size_t count, void* body) {
  static_cast<std::string*>(body)->append(bytes, size * count);
  return size * count;
}

Fetched GetOverTls(std::uint16_t port, const std::string& path, const std::string& trusted) {
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> easy(curl_easy_init(),
                                                                 &curl_easy_cleanup);
  Fetched fetched;
  char problem[CURL_ERROR_SIZE] = {};
  const std::string url = "https://127.0.0.1:" + std::to_string(port) + path;
  curl_blob authorities = {const_cast<char*>(trusted.data()), trusted.size(), CURL_BLOB_COPY};
  curl_easy_setopt(easy.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy.get(), CURLOPT_PROXY, "");
  curl_easy_setopt(easy.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy.get(), CURLOPT_CAINFO_BLOB, &authorities);
  curl_easy_setopt(easy.get(), CURLOPT_TIMEOUT_MS, 10'000L);
  curl_easy_setopt(easy.get(), CURLOPT_ERRORBUFFER, problem);
  curl_easy_setopt(easy.get(), CURLOPT_WRITEFUNCTION, &AddBody);
  curl_easy_setopt(easy.get(), CURLOPT_WRITEDATA, &fetched.body);
  fetched.code = curl_easy_perform(easy.get());
  fetched.problem = problem;
  return fetched;
}

Response Answer(const http::Request& request) {
  Response response;
  response.body = std::make_shared<const std::string>(request.path == "/large"
                                                          ? std::string(std::size_t{4} << 20U, 'x')
                                                          : "body of " + request.path);
  if (request.path == "/late") response.delay = std::chrono::milliseconds(100);
  if (request.path == "/half") response.ending = Ending::kHalfBody;
  if (request.path == "/none") response.ending = Ending::kNoAnswer;
  return response;
}

std::unique_ptr<Server> Serve(const http::TlsIdentity& identity) {
  http::ServerOptions options;
  options.listen_addresses = {"127.0.0.1:0"};
  options.tls = identity;
  auto server = Server::Start(std::move(options), &Answer);
  REQUIRE(server);
  return std::move(*server);
}

}  // namespace

TEST_CASE("over TLS every kind of answer is what it is without") {
  const test::Authority authority;
  const auto server = Serve(authority.Issue());
  const auto get = [&](const std::string& path) {
    return GetOverTls(server->Ports().front(), path, authority.Certificate());
  };
  const Fetched plain = get("/plain");
  CHECK_MESSAGE(plain.code == CURLE_OK, plain.problem);
  CHECK(plain.body == "body of /plain");
  CHECK(get("/late").body == "body of /late");
  CHECK(get("/large").body.size() == std::size_t{4} << 20U);
  CHECK(get("/half").code == CURLE_PARTIAL_FILE);
  CHECK(get("/none").code != CURLE_OK);
  CHECK(get("/plain").body == "body of /plain");
}

TEST_CASE("a client that trusts another authority does not talk to it") {
  const test::Authority authority;
  const auto server = Serve(authority.Issue());
  CHECK(GetOverTls(server->Ports().front(), "/", test::Authority().Certificate()).code ==
        CURLE_PEER_FAILED_VERIFICATION);
}

TEST_CASE("plain HTTP on a TLS port is no request, and others are served") {
  const test::Authority authority;
  const auto server = Serve(authority.Issue());
  RawClient plain(server->Ports().front());
  plain.Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(plain.ReceiveAll().find("HTTP/1.1 200") == std::string::npos);
  CHECK(GetOverTls(server->Ports().front(), "/", authority.Certificate()).code == CURLE_OK);
}

TEST_CASE("an unusable certificate or key is an error of the start, without the key's text") {
  const test::Authority authority;
  http::TlsIdentity identity = authority.Issue();
  identity.private_key = test::Authority().Issue().private_key;
  SUBCASE("a key of another certificate") {}
  SUBCASE("no key") { identity.private_key = "-----BEGIN PRIVATE KEY-----\nd29yZHM=\n"; }
  SUBCASE("no certificate") { identity.certificate = "words"; }
  http::ServerOptions options;
  options.listen_addresses = {"127.0.0.1:0"};
  options.tls = identity;
  const auto server = Server::Start(std::move(options), &Answer);
  REQUIRE_FALSE(server);
  CHECK(server.error().starts_with("HTTP server: "));
  CHECK(server.error().find("PRIVATE") == std::string::npos);
}
