#include "simulator/bodies.h"

#include <doctest/doctest.h>

#include <chrono>

using namespace simulator;  // NOLINT(google-build-using-namespace): the room under test

namespace {

bool Contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("touched counters are strings, untouched ones the number 0, the throttle a number") {
  KeyTruth truth;
  truth.families["prevention"] = {40, 4, 36, TimePoint()};
  truth.families["reputation"] = {4000, 0, 4000, std::nullopt};
  truth.families["download_file"] = {100, 120, -20, TimePoint()};
  truth.throttling_remaining = 7;
  CHECK(LimitsBody(truth) == R"({"download_file":"120","prevention_api":"4","reputation_api":0})");
  CHECK(StatusBody(truth) ==
        R"({"download_file":"-20","prevention_api":"36","reputation_api":4000,)"
        R"("throttling_limit":7})");
}

TEST_CASE("the info body of a free key: the key in clear, the epoch as expiry, no organisation") {
  KeyScript script;
  script.apikey = "fake";
  const std::string body = InfoBody(script);
  CHECK(Contains(body, R"("portal_api_key":"fake")"));
  CHECK(Contains(body, R"("expiration_date":"1970-01-01T00:00:00.000Z")"));
  CHECK(Contains(body, R"("limit_prevention":40)"));
  CHECK(Contains(body, R"("paid_user":0)"));
  CHECK(Contains(body, R"("created_at":"2024-02-21T00:00:00.000Z")"));
  CHECK_FALSE(Contains(body, "limit_download_file"));
  CHECK_FALSE(Contains(body, "organization"));
}

TEST_CASE("the oldest example lacks the newer fields") {
  KeyScript script;
  script.sparse = true;
  const std::string body = InfoBody(script);
  for (const char* field : {"throttling_limit", "limit_threat_intel_search", "mdc_license_type",
                            "mtls_only", "ref_token"}) {
    CHECK_FALSE(Contains(body, field));
  }
  CHECK(Contains(body, R"("limit_feed":1000)"));
}

TEST_CASE("an organisation is an object, null, a string or absent") {
  KeyScript script;
  script.no_organization = NoOrganization::kNull;
  CHECK(Contains(InfoBody(script), R"("organization":null)"));
  script.no_organization = NoOrganization::kString;
  CHECK(Contains(InfoBody(script), R"("organization":"none")"));
  script.organization.emplace();
  script.organization->id = "org-1";
  script.organization->limits = {{"prevention", 1000}};
  script.organization->whitelist_v6 = {"2001:db8::/32"};
  script.organization->expiration = std::chrono::sys_days{std::chrono::year{2031} / 12 / 31} +
                                    std::chrono::milliseconds(86399999);
  const std::string body = InfoBody(script);
  CHECK(Contains(body, R"("organization":{"organization_id":"org-1","limit_prevention":1000,)"));
  CHECK(Contains(body, R"("ip_whitelist":{"v4":[],"v6":["2001:db8::/32"]})"));
  CHECK(Contains(body, R"("expiration_date":"2031-12-31T23:59:59.999Z")"));
  CHECK(Contains(body, R"("licenseLimitsTimeInterval":"monthly")"));
}

TEST_CASE("texts are escaped") {
  CHECK(ErrorBody(401006, "a\"b\n") ==
        "{\"error\":{\"code\":401006,\"messages\":[\"a\\\"b\\n\"]}}");
}
