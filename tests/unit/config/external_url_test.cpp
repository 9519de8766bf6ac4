#include "exporter/config/external_url.h"

#include <doctest/doctest.h>

using exporter::ParseExternalUrl;

TEST_CASE("an external URL is taken apart") {
  auto url = ParseExternalUrl("https://exporter.example.com");
  REQUIRE(url);
  CHECK(url->scheme == "https");
  CHECK(url->host == "exporter.example.com");
  CHECK(url->path.empty());
  url = ParseExternalUrl("http://[::1]:10580/mdcloud/a//");
  REQUIRE(url);
  CHECK(url->scheme == "http");
  CHECK(url->host == "[::1]:10580");
  CHECK(url->path == "/mdcloud/a");
}

TEST_CASE("what is no such URL is refused") {
  for (const char* bad :
       {"", "exporter.example.com", "exporter.example.com:10580", "ftp://a", "https://",
        "https://user:SENTINEL@a", "https://a/?b=c", "https://a/#b", "https://a b", "https://a\n",
        "https://a/\"", "https://a:99999", "file:///etc/passwd", "/probe"}) {
    CHECK_MESSAGE(!ParseExternalUrl(bad), bad);
  }
  CHECK_FALSE(ParseExternalUrl("https://a/" + std::string(1100, 'b')));
}
