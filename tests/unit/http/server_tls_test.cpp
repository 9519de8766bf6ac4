#include <curl/curl.h>
#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <string>

#include "http/server.h"
#include "tests/certificates.h"
#include "tests/raw_client.h"
#include "tls_client.h"

using http::Response;
using http::Server;
using Ending = http::Response::Ending;

namespace {

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

std::unique_ptr<Server> Serve(const http::TlsSettings& settings) {
  http::ServerOptions options;
  options.listen_addresses = {"127.0.0.1:0"};
  auto credentials = http::TlsCredentials::Create(settings);
  REQUIRE(credentials);
  options.tls = *credentials;
  auto server = Server::Start(std::move(options), &Answer);
  REQUIRE(server);
  return std::move(*server);
}

}  // namespace

TEST_CASE("over TLS every kind of answer is what it is without") {
  const test::Authority authority;
  const auto server = Serve(authority.Issue());
  const auto get = [&](const std::string& path) {
    return GetOverTls(server->Ports().front(), path, {.trusted = authority.Certificate()});
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
  CHECK(
      GetOverTls(server->Ports().front(), "/", {.trusted = test::Authority().Certificate()}).code ==
      CURLE_PEER_FAILED_VERIFICATION);
}

TEST_CASE("plain HTTP on a TLS port is no request, and others are served") {
  const test::Authority authority;
  const auto server = Serve(authority.Issue());
  RawClient plain(server->Ports().front());
  plain.Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(plain.ReceiveAll().find("HTTP/1.1 200") == std::string::npos);
  CHECK(GetOverTls(server->Ports().front(), "/", {.trusted = authority.Certificate()}).code ==
        CURLE_OK);
}
