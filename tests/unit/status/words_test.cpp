#include "exporter/status/words.h"

#include <doctest/doctest.h>

#include "tests/metrics_fixture.h"

using namespace std::chrono_literals;
using exporter::DurationWords;
using exporter::NumberWords;
using exporter::ShareWords;

TEST_CASE("durations are told in their two largest units, cut") {
  CHECK(DurationWords(0ms) == "0 s");
  CHECK(DurationWords(999ms) == "0 s");
  CHECK(DurationWords(59999ms) == "59 s");
  CHECK(DurationWords(60s) == "1 m");
  CHECK(DurationWords(200s) == "3 m 20 s");
  CHECK(DurationWords(3600s) == "1 h");
  CHECK(DurationWords(3659s) == "1 h");
  CHECK(DurationWords(21h + 4min + 59s) == "21 h 4 m");
  CHECK(DurationWords(76h) == "3 d 4 h");
  CHECK(DurationWords(-200s) == "3 m 20 s");
}

TEST_CASE("numbers are grouped, whole ones without a fraction") {
  CHECK(NumberWords(0) == "0");
  CHECK(NumberWords(999) == "999");
  CHECK(NumberWords(1000) == "1,000");
  CHECK(NumberWords(-1234567) == "-1,234,567");
  CHECK(NumberWords(-123) == "-123");
  CHECK(NumberWords(1234.56) == "1,234.6");
  CHECK(NumberWords(9007199254740992.0) == "9,007,199,254,740,992");
  CHECK(NumberWords(1e300) == "1e+300");
}

TEST_CASE("a share is never rounded up to all or down to nothing") {
  CHECK(ShareWords(0) == "0 %");
  CHECK(ShareWords(0.0001) == "<1 %");
  CHECK(ShareWords(0.29) == "29 %");  // 0.29 * 100 is a little less
  CHECK(ShareWords(0.9999) == "99 %");
  CHECK(ShareWords(1) == "100 %");
  CHECK(ShareWords(1.257) == "125 %");
  CHECK(ShareWords(-0.5) == "-50 %");
}

TEST_CASE("dates are UTC") {
  CHECK(exporter::DateWords(test::kNow) == "2026-01-02 03:04:05 UTC");
  CHECK(exporter::DateIso(test::kNow + 1ms) == "2026-01-02T03:04:05Z");
}
