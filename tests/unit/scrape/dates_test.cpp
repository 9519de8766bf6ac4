#include "scrape/api/dates.h"

#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

using scrape::Expiration;
using scrape::ParseDate;
using scrape::ParseExpiration;

namespace {

std::optional<std::int64_t> Milliseconds(std::string_view text) {
  const auto at = ParseDate(text);
  if (!at) return std::nullopt;
  return at->time_since_epoch().count();
}

}  // namespace

TEST_CASE("dates of the service are read to the millisecond") {
  CHECK(Milliseconds("2019-02-21T09:12:36.275Z") == 1550740356275);
  CHECK(Milliseconds("2019-02-21T09:12:36Z") == 1550740356000);
  CHECK(Milliseconds("2019-02-21T09:12Z") == 1550740320000);
  CHECK(Milliseconds("2019-02-21") == 1550707200000);
  CHECK(Milliseconds("2019-02-21 09:12:36") == 1550740356000);
  CHECK(Milliseconds("2019-02-21t09:12:36z") == 1550740356000);
  CHECK(Milliseconds("2019-02-21T09:12:36.2Z") == 1550740356200);
  CHECK(Milliseconds("2019-02-21T09:12:36.2759999999999999999999Z") == 1550740356275);
  CHECK(Milliseconds("2019-02-21T11:12:36.275+02:00") == 1550740356275);
  CHECK(Milliseconds("2019-02-21T11:12:36.275+0200") == 1550740356275);
  CHECK(Milliseconds("2019-02-21T11:12:36.275+02") == 1550740356275);
  CHECK(Milliseconds("2019-02-20T23:42:36.275-09:30") == 1550740356275);
  CHECK(Milliseconds("2020-02-29T00:00:00Z") == 1582934400000);
  CHECK(Milliseconds("1970-01-01T00:00:00.000Z") == 0);
  CHECK(Milliseconds("9999-12-31T23:59:59.999Z") == 253402300799999);
  CHECK(Milliseconds("0001-01-01T00:00:00Z") == -62135596800000);
}

TEST_CASE("dates that do not exist or are not ISO 8601 are refused") {
  for (const char* text : {"",
                           "2019",
                           "2019-02",
                           "2019-02-30",
                           "2019-02-29T00:00:00Z",
                           "2019-13-01",
                           "2019-00-01",
                           "2019-01-00",
                           "2019-01-32",
                           "2019-04-31",
                           "1900-02-29",
                           "0000-01-01",
                           "10000-01-01",
                           "-2019-01-01",
                           "+2019-01-01",
                           "2019-1-1",
                           "2019/01/01",
                           "20190101",
                           "2019-01-01T",
                           "2019-01-01T24:00:00Z",
                           "2019-01-01T23:60:00Z",
                           "2019-01-01T23:59:60Z",
                           "2019-01-01T9:00Z",
                           "2019-01-01T09:00:00.Z",
                           "2019-01-01T09:00:00ZZ",
                           "2019-01-01T09:00:00Z ",
                           " 2019-01-01T09:00:00Z",
                           "2019-01-01T09:00:00+24:00",
                           "2019-01-01T09:00:00+02:60",
                           "2019-01-01T09:00:00+",
                           "2019-01-01T09:00:00+2",
                           "2019-01-01T09:00:00+02:",
                           "2019-01-01T09:00:00 UTC",
                           "2019-01-01Z",
                           "Thu Feb 21 2019",
                           "1550740356",
                           "never",
                           "2019-01-01T09:00:00.1e3Z",
                           "2019-01-01T09:00:0xZ"}) {
    CAPTURE(text);
    CHECK_FALSE(ParseDate(text));
  }
  CHECK_FALSE(ParseDate(std::string_view("2019-01-01\0", 11)));
  CHECK_FALSE(ParseDate(std::string(1'000'000, '2')));
  CHECK_FALSE(ParseDate("2019-02-21T09:12:36." + std::string(1'000'000, '1') + "x"));
}

TEST_CASE("the epoch and earlier mean that a licence does not expire") {
  using Kind = Expiration::Kind;
  CHECK(ParseExpiration("1970-01-01T00:00:00.000Z").kind == Kind::kNever);
  CHECK(ParseExpiration("1970-01-01T00:00:00.000+02:00").kind == Kind::kNever);
  CHECK(ParseExpiration("1969-12-31").kind == Kind::kNever);
  CHECK(ParseExpiration("0001-01-01T00:00:00Z").kind == Kind::kNever);
  CHECK(ParseExpiration("").kind == Kind::kUnknown);
  CHECK(ParseExpiration("soon").kind == Kind::kUnknown);
  const Expiration past = ParseExpiration("2019-02-21T09:12:36.275Z");
  CHECK(past.kind == Kind::kAt);
  CHECK(past.at.time_since_epoch() == std::chrono::milliseconds(1550740356275));
}

TEST_CASE("HTTP dates are read in the form that is sent today") {
  const auto seconds_of = [](std::string_view text) -> std::optional<std::int64_t> {
    const auto at = scrape::ParseHttpDate(text);
    if (!at) return std::nullopt;
    return at->time_since_epoch().count() / 1000;
  };
  CHECK(seconds_of("Sun, 06 Nov 1994 08:49:37 GMT") == 784111777);
  CHECK(seconds_of("Tue, 29 Feb 2028 23:59:59 GMT") == 1835481599);
  CHECK(seconds_of("Sat, 31 Dec 2016 23:59:60 GMT") == 1483228800);
  CHECK(seconds_of("Thu, 01 Jan 1970 00:00:00 GMT") == 0);
  for (const std::string_view text :
       {"", "Sun", "Sun, 6 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 06 Nov 1994 08:49:37 GMT ", "Sun, 31 Nov 1994 08:49:37 GMT",
        "Sun, 29 Feb 2027 00:00:00 GMT", "Sun, 06 nov 1994 08:49:37 GMT",
        "Xyz, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT",
        "Sun, 06 Nov 1994 08:60:00 GMT", "Sun, 06 Nov 1994 08:00:61 GMT",
        "Sun, 06 Nov 94 08:49:37 GMT", "Sun, 00 Nov 1994 08:49:37 GMT"}) {
    CAPTURE(text);
    CHECK_FALSE(seconds_of(text));
  }
}
