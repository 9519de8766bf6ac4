#include "exporter/config/base_url.h"

#include <doctest/doctest.h>

#include <string>

using exporter::NormalizeBaseUrl;

TEST_CASE("trailing slashes are trimmed") {
  CHECK(NormalizeBaseUrl("https://api.metadefender.com/v4/").value_or("") ==
        "https://api.metadefender.com/v4");
  CHECK(NormalizeBaseUrl("https://api.metadefender.com").value_or("") ==
        "https://api.metadefender.com");
  CHECK(NormalizeBaseUrl("https://host:8443/a/b//").value_or("") == "https://host:8443/a/b");
}

TEST_CASE("a host is written in one way, for it has one budget") {
  for (const char* same : {"https://API.Example.com/v4", "https://api.example.com./v4"}) {
    CAPTURE(same);
    CHECK(NormalizeBaseUrl(same).value_or("") == "https://api.example.com/v4");
  }
}

TEST_CASE("http is for loopback only") {
  for (const char* good : {"http://127.0.0.1:8080/v4", "http://127.255.0.1", "http://[::1]:8080",
                           "http://localhost:1/v4"}) {
    CAPTURE(good);
    CHECK(NormalizeBaseUrl(good).value_or("") == good);
  }
  for (const char* bad :
       {"http://api.metadefender.com/v4", "http://127.0.0.1.evil.com", "http://localhost.evil.com",
        "http://[::2]/", "http://0.0.0.0/", "http://10.0.0.1/", "http://127.0.0.1@evil.com/",
        "http://[::ffff:10.0.0.1]/"}) {
    CAPTURE(bad);
    CHECK_FALSE(NormalizeBaseUrl(bad).has_value());
  }
}

TEST_CASE("what is no plain https URL is refused") {
  for (const std::string& bad :
       {std::string(), std::string("https://"), std::string("host/v4"), std::string("/v4"),
        std::string("ftp://host/"), std::string("https://host/?a=b"),
        std::string("https://host/#f"), std::string("https://user@host/"),
        std::string("https://host/a b"), std::string("https://host/\r\nX: y"),
        std::string("https://host:65536/"), std::string("https://\xC3\xA9.com"),
        "https://host/" + std::string(1100, 'a')}) {
    CAPTURE(bad);
    CHECK_FALSE(NormalizeBaseUrl(bad).has_value());
  }
}

TEST_CASE("a port is 1 to 65535") {
  for (const char* bad : {"https://host:0/v4", "http://127.0.0.1:0", "https://host:00000"}) {
    CAPTURE(bad);
    CHECK(NormalizeBaseUrl(bad) == tl::unexpected(std::string("must have a port from 1 to 65535")));
  }
  CHECK(NormalizeBaseUrl("https://host:1/v4").value_or("") == "https://host:1/v4");
  CHECK(NormalizeBaseUrl("https://host:65535/v4").value_or("") == "https://host:65535/v4");
}

TEST_CASE("an error never holds the URL, which may have a password in it") {
  for (const char* bad : {"https://user:SENTINEL@host/", "http://SENTINEL.com/",
                          "https://host/?apikey=SENTINEL", "SENTINEL"}) {
    CHECK(NormalizeBaseUrl(bad).error().find("SENTINEL") == std::string::npos);
  }
}
