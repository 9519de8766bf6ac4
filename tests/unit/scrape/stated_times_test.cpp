#include "scrape/api/stated_times.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <string_view>

using namespace std::chrono_literals;
using scrape::FindResetIn;
using scrape::kLongestStatedTime;
using scrape::ParseRetryAfter;
using scrape::ParseSeconds;

TEST_CASE("Retry-After is a number of seconds or a date") {
  const scrape::SystemTime now(784111777s + 400ms);  // Sun, 06 Nov 1994 08:49:37.4
  CHECK(ParseRetryAfter("120", now) == 120s);
  CHECK(ParseRetryAfter(" 0 ", now) == 0s);
  CHECK(ParseRetryAfter("-1", now) == 0s);
  CHECK(ParseRetryAfter("Sun, 06 Nov 1994 08:49:38 GMT", now) == 1s);  // never too early
  CHECK(ParseRetryAfter("Sun, 06 Nov 1994 09:49:37 GMT", now) == 3600s);
  CHECK(ParseRetryAfter("Sun, 06 Nov 1994 08:49:37 GMT", now) == 0s);
  CHECK(ParseRetryAfter("Thu, 01 Jan 1970 00:00:00 GMT", now) == 0s);
  CHECK(ParseRetryAfter("Fri, 31 Dec 9999 23:59:59 GMT", now) == kLongestStatedTime);
  CHECK(ParseRetryAfter("99999999999999999999999999", now) == kLongestStatedTime);
  CHECK(ParseRetryAfter(std::string(100'000, '9'), now) == kLongestStatedTime);
  for (const std::string_view text :
       {"", " ", "-", "--1", "+5", "1.5", "5s", "5 5", "0x5", "soon", "1e3", "Sun, 06 Nov 1994"}) {
    CAPTURE(text);
    CHECK_FALSE(ParseRetryAfter(text, now));
  }
}

TEST_CASE("lengths in X-RateLimit headers are whole seconds, with or without the unit") {
  CHECK(ParseSeconds("86400s") == 86400s);
  CHECK(ParseSeconds(" 86400 ") == 86400s);
  CHECK(ParseSeconds("5 s") == 5s);
  CHECK(ParseSeconds("0s") == 0s);
  CHECK(ParseSeconds("99999999999999999999s") == kLongestStatedTime);
  for (const std::string_view text :
       {"", "s", "-1s", "-0", "1.5s", "5m", "5ms", "5s s", "1h", "x5"}) {
    CAPTURE(text);
    CHECK_FALSE(ParseSeconds(text));
  }
}

TEST_CASE("the reset is found in the words of a used-up quota") {
  CHECK(FindResetIn("You have used it up. Retry after the limit is reset. The limit will be reset "
                    "in 05 hours 12 minutes 30 seconds.") == 5h + 12min + 30s);
  CHECK(FindResetIn("reset in 0 hours 0 minutes 0 seconds") == 0s);
  CHECK(FindResetIn("RESET IN 1 Hour 1 Minute 1 Second") == 3661s);
  CHECK(FindResetIn("reset in 2 days 3 hours") == 51h);
  CHECK(FindResetIn("reset in 23 hours, 59 minutes, 1 seconds") == 86341s);
  CHECK(FindResetIn("reset in  90  seconds") == 90s);
  CHECK(FindResetIn("reset in 5hours") == 5h);
  CHECK(FindResetIn("reset in 5 hours and 3 minutes") == 5h);
  CHECK(FindResetIn("reset in 999999999999999999 hours 5 minutes") == kLongestStatedTime);
  CHECK(FindResetIn("reset in 400 days 400 days") == kLongestStatedTime);
}

TEST_CASE("other words state no reset") {
  for (const std::string_view words :
       {"", "reset in", "reset in ", "reset in XX hours YY minutes ZZ seconds", "reset in 5",
        "reset in 5 weeks", "resets at 5 hours", "will be reset", "5 hours", "Limit: 5 / 5"}) {
    CAPTURE(words);
    CHECK_FALSE(FindResetIn(words));
  }
  CHECK_FALSE(FindResetIn(std::string(1 << 20, 'r')));
}
