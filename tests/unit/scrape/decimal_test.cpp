#include "scrape/api/decimal.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

using scrape::ExactNumber;
using scrape::ParseDecimal;

TEST_CASE("numbers beyond 2^53 are refused because a double cannot hold each of them") {
  CHECK(ExactNumber(9007199254740992.0) == 9007199254740992.0);
  CHECK(ExactNumber(9007199254740994.0) == std::nullopt);
  CHECK(ExactNumber(-9007199254740994.0) == std::nullopt);
  CHECK(ExactNumber(std::numeric_limits<double>::infinity()) == std::nullopt);
  CHECK(ExactNumber(std::numeric_limits<double>::quiet_NaN()) == std::nullopt);
  CHECK_FALSE(std::signbit(*ExactNumber(-0.0)));
}

TEST_CASE("a decimal text is read as a whole or not at all") {
  CHECK(ParseDecimal("330") == 330.0);
  CHECK(ParseDecimal("0.33") == 0.33);
  CHECK(ParseDecimal("-1e2") == -100.0);
  for (const char* text : {"", " ", "1 ", " 1", "+1", "0x1", "1p3", "inf", "nan", "INF", "1,5",
                           "1_000", "--1", "1-", "e5", "1e400", "9007199254740994"}) {
    CAPTURE(text);
    CHECK(ParseDecimal(text) == std::nullopt);
  }
}
