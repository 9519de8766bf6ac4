#include "scrape/schedule/stretch.h"

#include <doctest/doctest.h>

#include "tests/unit/scrape/test_keys.h"

using scrape::HostOf;
using scrape::Stretched;
using scrape::StretchFactors;
using std::chrono::milliseconds;

TEST_CASE("the host of a base URL includes a port and nothing else") {
  CHECK(HostOf("https://api.metadefender.com/v4") == "api.metadefender.com");
  CHECK(HostOf("http://127.0.0.1:8080/v4") == "127.0.0.1:8080");
  CHECK(HostOf("https://[::1]:8443") == "[::1]:8443");
  CHECK(HostOf("https://[::1]:443") == "[::1]");
  CHECK(HostOf("https://api.metadefender.com:443/v4") == "api.metadefender.com");
  CHECK(HostOf("http://127.0.0.1:443/v4") == "127.0.0.1:443");
}

TEST_CASE("intervals stretch only where a host's keys need more than the cap") {
  auto keys = test::Keys(1200);  // (2 / 60 s + 1 / 900 s) * 1200 = 41.3 requests per second
  const double factor = StretchFactors(keys, 20).at("api.example.com");
  CHECK(factor == doctest::Approx(41.333 / 20).epsilon(0.001));
  CHECK(StretchFactors(keys, 42).at("api.example.com") == 1);
}

TEST_CASE("each host has a cap of its own") {
  auto keys = test::Keys(1200);
  keys.push_back(
      test::Key("other", [](scrape::ApiKey& key) { key.base_url = "https://eu.example.com/v4"; }));
  CHECK(StretchFactors(keys, 20).at("eu.example.com") == 1);
  CHECK(StretchFactors(keys, 20).at("api.example.com") > 2);
}

TEST_CASE("a stretched interval is rounded up") {
  CHECK(Stretched(milliseconds(1000), 1) == milliseconds(1000));
  CHECK(Stretched(milliseconds(1000), 1.0001) == milliseconds(1001));
}
