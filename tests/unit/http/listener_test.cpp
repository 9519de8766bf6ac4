#include "http/listener.h"

#include <doctest/doctest.h>

#include <string>

#include "tests/raw_client.h"

using http::Listen;

TEST_CASE("all addresses are one socket for IPv6 and IPv4") {
  for (const char* address : {":0", "[::]:0"}) {
    const auto listener = Listen(address);
    REQUIRE(listener);
    CHECK(listener->sockets.size() == 1);
    CHECK(listener->notice.empty());
    CHECK(listener->address == "[::]:" + std::to_string(listener->port));
    CHECK(RawClient(listener->port, "127.0.0.1").Connected());
    CHECK(RawClient(listener->port, "::1").Connected());
  }
}

TEST_CASE("one address is that one only") {
  const auto v4 = Listen("127.0.0.1:0");
  REQUIRE(v4);
  CHECK(v4->address == "127.0.0.1:" + std::to_string(v4->port));
  CHECK_FALSE(RawClient(v4->port, "::1").Connected());
  const auto v6 = Listen("[::1]:0");
  REQUIRE(v6);
  CHECK(RawClient(v6->port, "::1").Connected());
  CHECK_FALSE(RawClient(v6->port, "127.0.0.1").Connected());
}

TEST_CASE("a host name is resolved, its addresses share one port") {
  const auto listener = Listen("localhost:0");
  REQUIRE(listener);
  CHECK(listener->port != 0);
  CHECK(RawClient(listener->port, "127.0.0.1").Connected());
}

TEST_CASE("what cannot be listened on is one line with address and cause") {
  const auto first = Listen("127.0.0.1:0");
  REQUIRE(first);
  const std::string taken = "127.0.0.1:" + std::to_string(first->port);
  CHECK(Listen(taken).error() == "listen on " + taken + ": Address already in use");
  const std::string all = ":" + std::to_string(first->port);
  CHECK(Listen(all).error() == "listen on " + all + ": Address already in use");
  CHECK(Listen("192.0.2.1:0").error() == "listen on 192.0.2.1:0: Cannot assign requested address");
  CHECK(Listen("no-such-host.invalid:0").error().starts_with("listen on no-such-host.invalid:0: "));
  CHECK(Listen("nonsense").error().starts_with("listen address \"nonsense\": "));
}
