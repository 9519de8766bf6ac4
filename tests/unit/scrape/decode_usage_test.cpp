#include <doctest/doctest.h>

#include <string>
#include <utility>

#include "scrape/api/decode.h"

using scrape::ApiValues;
using scrape::DecodeContext;
using scrape::HttpAnswer;
using scrape::Reason;
using scrape::Verdict;

namespace {

constexpr DecodeContext kContext = {"0123456789abcdef0123456789abcdef", false};

HttpAnswer Ok(std::string body) { return {200, std::move(body), {}}; }

}  // namespace

TEST_CASE("consumption comes as numbers and strings in one body") {
  const auto limits =
      DecodeLimits(Ok(R"({"reputation_api":0,"prevention_api":"4","feed_api":0,"download_file":0,
             "sandbox_api":"1","threat_intel_search_api":null})"),
                   kContext);
  REQUIRE(limits);
  CHECK(
      limits->used ==
      ApiValues{
          {"download_file", 0}, {"feed", 0}, {"prevention", 4}, {"reputation", 0}, {"sandbox", 1}});
  CHECK(limits->dropped_families == 0);
}

TEST_CASE("what is left may be negative and comes with the throttling limit") {
  const auto status =
      DecodeStatus(Ok(R"({"reputation_api":3999,"threat_intel_search_api":"25","prevention_api":-7,
             "feed_api":"0","download_file":"12","sandbox_api":1.0,"throttling_limit":"9"})"),
                   kContext);
  REQUIRE(status);
  CHECK(status->remaining == ApiValues{{"download_file", 12},
                                       {"feed", 0},
                                       {"prevention", -7},
                                       {"reputation", 3999},
                                       {"sandbox", 1},
                                       {"threat_intel_search", 25}});
  CHECK(status->throttle_remaining == 9.0);
}

TEST_CASE("absent usage is not zero") {
  const auto limits = DecodeLimits(Ok(R"({"feed_api":0})"), kContext);
  REQUIRE(limits);
  CHECK(limits->used == ApiValues{{"feed", 0}});
  const auto status = DecodeStatus(Ok(R"({"feed_api":0})"), kContext);
  REQUIRE(status);
  CHECK(status->throttle_remaining == std::nullopt);
}

TEST_CASE("documented members of odd types are absent, the others stay") {
  for (const char* value : {"null", "true", "\"\"", "\"x\"", "[]", "{}", "1e300", "[4]",
                            "18446744073709551615", "\"\\u0000\"", "\"inf\""}) {
    CAPTURE(value);
    const auto status = DecodeStatus(Ok("{\"feed_api\":" + std::string(value) +
                                        ",\"throttling_limit\":" + value + ",\"sandbox_api\":1}"),
                                     kContext);
    REQUIRE(status);
    CHECK(status->remaining == ApiValues{{"sandbox", 1}});
    CHECK(status->throttle_remaining == std::nullopt);
  }
}

TEST_CASE("dropped families are counted") {
  std::string body = "{\"feed_api\":1";
  for (char c = 'a'; c <= 'k'; ++c) body += ",\"z" + std::string(1, c) + "_api\":1";
  body += "}";
  CHECK(DecodeLimits(Ok(body), kContext)->used.size() == 9);
  CHECK(DecodeLimits(Ok(body), kContext)->dropped_families == 3);
  CHECK(DecodeStatus(Ok(body), kContext)->dropped_families == 3);
}

TEST_CASE("the secret as a member name does not become a family") {
  const std::string body = R"({"feed_api":1,"0123456789abcdef0123456789abcdef_api":2})";
  CHECK(DecodeLimits(Ok(body), kContext)->used == ApiValues{{"feed", 1}});
  CHECK(DecodeStatus(Ok(body), kContext)->remaining == ApiValues{{"feed", 1}});
}

TEST_CASE("usage answers that are not the documented ones fail with their reason") {
  CHECK(DecodeLimits(Ok("{}"), kContext).error().reason == Reason::kSchema);
  CHECK(DecodeStatus(Ok("{\"x\":1}"), kContext).error().reason == Reason::kSchema);
  CHECK(DecodeLimits(Ok("{\"throttling_limit\":1}"), kContext).error().reason == Reason::kSchema);
  CHECK(DecodeStatus(Ok("{\"throttling_limit\":1}"), kContext));
  CHECK(DecodeLimits(Ok(""), kContext).error().reason == Reason::kDecode);
  const auto rejected = DecodeStatus(
      {404, R"({"success":false,"error":{"code":404008,"messages":["x"]}})", {}}, kContext);
  REQUIRE_FALSE(rejected);
  CHECK(rejected.error().reason == Reason::kUnauthorized);
  CHECK(rejected.error().verdict == Verdict::kRejected);
}
