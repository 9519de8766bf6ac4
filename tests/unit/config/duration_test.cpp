#include "exporter/config/duration.h"

#include <doctest/doctest.h>

#include <string>

using exporter::FormatDuration;
using exporter::ParseDuration;
using std::chrono::milliseconds;
using namespace std::chrono_literals;

TEST_CASE("durations read as Prometheus reads them") {
  CHECK(ParseDuration("500ms") == 500ms);
  CHECK(ParseDuration("30s") == 30s);
  CHECK(ParseDuration("1h30m") == 90min);
  CHECK(ParseDuration("1d") == 24h);
  CHECK(ParseDuration("1y2w3d4h5m6s7ms") == 365 * 24h + 14 * 24h + 3 * 24h + 4h + 5min + 6s + 7ms);
  CHECK(ParseDuration("0") == 0ms);
  CHECK(ParseDuration("0s") == 0ms);
  CHECK(ParseDuration("100y") == 100 * 365 * 24h);
}

TEST_CASE("what is no Prometheus duration is refused") {
  for (const char* text : {"",
                           "1",
                           "s",
                           "1.5h",
                           "-1s",
                           "+1s",
                           "1s1m",
                           "1s1s",
                           "1 s",
                           " 1s",
                           "1s ",
                           "1S",
                           "1min",
                           "1hm",
                           "101y",
                           "99999999999999999999s",
                           "9223372036854775807y",
                           "36500d1y",
                           "0x1s",
                           "1e3s"}) {
    CAPTURE(text);
    CHECK_FALSE(ParseDuration(text).has_value());
  }
}

TEST_CASE("a written duration reads as itself") {
  CHECK(FormatDuration(0ms) == "0s");
  CHECK(FormatDuration(90s) == "1m30s");
  CHECK(FormatDuration(24h) == "1d");
  CHECK(FormatDuration(8 * 24h) == "8d");
  CHECK(FormatDuration(14 * 24h) == "2w");
  CHECK(FormatDuration(1234567ms) == "20m34s567ms");
  for (milliseconds::rep count = 1; count < 40'000'000'000; count = count * 3 + 1) {
    CHECK(ParseDuration(FormatDuration(milliseconds(count))) == milliseconds(count));
  }
}
