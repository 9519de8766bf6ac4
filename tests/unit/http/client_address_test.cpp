// Whom a request says it comes from.

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>

#include "http/server.h"
#include "tests/raw_client.h"

namespace {

std::string ClientSeenAt(const std::string& listen_address, const char* from) {
  http::ServerOptions options;
  options.listen_addresses = {listen_address};
  const auto server = http::Server::Start(std::move(options), [](const http::Request& request) {
    http::Response response;
    response.body = std::make_shared<const std::string>(request.client);
    return response;
  });
  REQUIRE_MESSAGE(server, server.error());
  RawClient client((*server)->Ports().at(0), from);
  client.Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  return std::string(BodyOf(client.Receive()));
}

}  // namespace

TEST_CASE("a client is its IPv4 address, whatever the listener") {
  CHECK(ClientSeenAt("127.0.0.1:0", "127.0.0.1") == "127.0.0.1");
  CHECK(ClientSeenAt(":0", "127.0.0.1") == "127.0.0.1");
}

TEST_CASE("a client is the network of its IPv6 address") {
  CHECK(ClientSeenAt("[::1]:0", "::1") == "::");
  CHECK(ClientSeenAt(":0", "::1") == "::");
}
