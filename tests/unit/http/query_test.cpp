#include "http/query.h"

#include <doctest/doctest.h>

using http::ReadQuery;
using Parameters = std::vector<std::pair<std::string, std::string>>;

TEST_CASE("a query is names and values, in their order and as often as they are there") {
  CHECK(ReadQuery("").empty());
  CHECK(ReadQuery("&&").empty());
  CHECK(ReadQuery("key=a&key=b&collector=limits") ==
        Parameters{{"key", "a"}, {"key", "b"}, {"collector", "limits"}});
  CHECK(ReadQuery("key") == Parameters{{"key", ""}});
  CHECK(ReadQuery("key=") == Parameters{{"key", ""}});
  CHECK(ReadQuery("=a") == Parameters{{"", "a"}});
  CHECK(ReadQuery("a=b=c") == Parameters{{"a", "b=c"}});
}

TEST_CASE("names and values are decoded, each once") {
  CHECK(ReadQuery("k%65y=a%20b+c%2Bd%26e%3Df") == Parameters{{"key", "a b c+d&e=f"}});
  CHECK(ReadQuery("key=%2541") == Parameters{{"key", "%41"}});
  CHECK(ReadQuery("key=%C3%A9") == Parameters{{"key", "\xc3\xa9"}});
}

TEST_CASE("what is not percent-encoded properly stays as it is, and a NUL ends nothing") {
  CHECK(ReadQuery("key=100%&b=%zz") == Parameters{{"key", "100%"}, {"b", "%zz"}});
  CHECK(ReadQuery("key=a%00b") == Parameters{{"key", std::string("a\0b", 3)}});
}
