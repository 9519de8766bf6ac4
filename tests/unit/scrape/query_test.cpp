#include "scrape/client/query.h"

#include <doctest/doctest.h>

#include <string>

using scrape::WithQuery;

TEST_CASE("names and values of a query are percent-encoded") {
  CHECK(WithQuery("https://h/p", {}) == "https://h/p");
  CHECK(WithQuery("https://h/p", {{"limit", "100"}}) == "https://h/p?limit=100");
  CHECK(WithQuery("u", {{"a", "1"}, {"cursor", "x=&+/ %#?\n\x01\xFF"}}) ==
        "u?a=1&cursor=x%3D%26%2B%2F%20%25%23%3F%0A%01%FF");
  CHECK(WithQuery("u", {{"empty", ""}}) == "u?empty=");
  CHECK(WithQuery("u", {{"nul", std::string("a\0b", 3)}}) == "u?nul=a%00b");
}
