#include "http/listen_address.h"

#include <doctest/doctest.h>

#include <string>

using http::ParseListenAddress;

TEST_CASE("listen addresses are taken apart") {
  const auto all = ParseListenAddress(":10580");
  REQUIRE(all);
  CHECK(all->host.empty());
  CHECK(all->port == 10580);
  CHECK(ParseListenAddress("127.0.0.1:0")->host == "127.0.0.1");
  CHECK(ParseListenAddress("my-host_1.example.org:65535")->port == 65535);
  CHECK(ParseListenAddress("[::1]:80")->host == "::1");
  CHECK(ParseListenAddress("[::]:80")->host == "::");
  CHECK(ParseListenAddress("[fe80::1%eth0]:80")->host == "fe80::1%eth0");
}

TEST_CASE("a bad listen address is refused with what is wrong and what is allowed") {
  const auto error = [](std::string_view text) { return ParseListenAddress(text).error(); };
  CHECK(error("10580") ==
        "listen address \"10580\": the port is missing; allowed are :port, host:port and "
        "[IPv6 address]:port");
  for (const char* text : {":", ":65536", ":-1", ":+1", ":http", ":80 ", "a:0x50", "[::1]", "a:"}) {
    CAPTURE(text);
    CHECK(error(text).find("the port is not a number from 0 to 65535") != std::string::npos);
  }
  CHECK(error("").find("the port is missing") != std::string::npos);
  CHECK(error("::1:80").find("needs brackets") != std::string::npos);
  CHECK(error("[::1:80").find("bracket is not closed") != std::string::npos);
  CHECK(error("[]:80").find("not an IPv6 address") != std::string::npos);
  CHECK(error("[127.0.0.1]:80").find("not an IPv6 address") != std::string::npos);
  CHECK(error("[::1%]:80").find("not an IPv6 address") != std::string::npos);
  CHECK(error("http://a:80").find("needs brackets") != std::string::npos);
  CHECK(error("a/b:80").find("neither a name nor an address") != std::string::npos);
  CHECK(error("a b:80").find("neither a name nor an address") != std::string::npos);
  CHECK(error(std::string(300, 'a') + ":80").find("neither a name") != std::string::npos);
}

TEST_CASE("the error is one line whatever the text") {
  const std::string error = ParseListenAddress("a\nb\x1b").error();
  CHECK(error.find("\"a?b?\"") != std::string::npos);
  CHECK(error.find('\n') == std::string::npos);
}

TEST_CASE("addresses are written with brackets where they need them") {
  CHECK(http::FormatAddress("::", 80) == "[::]:80");
  CHECK(http::FormatAddress("127.0.0.1", 80) == "127.0.0.1:80");
}
