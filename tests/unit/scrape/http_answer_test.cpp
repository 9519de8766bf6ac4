#include "scrape/api/http_answer.h"

#include <doctest/doctest.h>

using scrape::ParseResponseTime;

TEST_CASE("the response time is read with and without its unit") {
  CHECK(ParseResponseTime("330ms") == 0.33);
  CHECK(ParseResponseTime("330") == 0.33);
  CHECK(ParseResponseTime(" 330 ms ") == 0.33);
  CHECK(ParseResponseTime("0.33s") == 0.33);
  CHECK(ParseResponseTime("2 s") == 2.0);
  CHECK(ParseResponseTime("0ms") == 0.0);
  CHECK(ParseResponseTime("1.5ms") == 0.0015);
  CHECK(ParseResponseTime("86400s") == 86400.0);
}

TEST_CASE("an odd response time is absent") {
  for (const char* text : {"", " ", "ms", "s", "-1ms", "fast", "330us", "330m", "1h", "nan", "infs",
                           "86401s", "1e300", "0x10ms", "330ms330ms", "330,5ms"}) {
    CAPTURE(text);
    CHECK(ParseResponseTime(text) == std::nullopt);
  }
}
