#include "exporter/status/status_json.h"

#include <doctest/doctest.h>
#include <rapidjson/document.h>
#include <rapidjson/pointer.h>

#include <string>

#include "status_fixture.h"

using namespace std::chrono_literals;

namespace {

rapidjson::Document Parsed(const exporter::Status& status) {
  const std::string text = exporter::StatusJson(status);
  CHECK(text.ends_with("}\n"));
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag>(
      text.data(), text.size());
  REQUIRE_FALSE(document.HasParseError());
  return document;
}

const rapidjson::Value& At(const rapidjson::Document& document, const char* pointer) {
  const rapidjson::Value* const value = rapidjson::Pointer(pointer).Get(document);
  REQUIRE_MESSAGE(value != nullptr, pointer);
  return *value;
}

}  // namespace

TEST_CASE("JSON has what is known, times in seconds") {
  const auto document = Parsed(test::StatusOfKeys({test::MemberKey("a")}, {{.name = "h"}}));
  CHECK(At(document, "/timestamp_seconds").GetDouble() == 1767323045.0);
  CHECK(At(document, "/exporter/version").GetString() == std::string("1.2.3"));
  CHECK(At(document, "/exporter/uptime_seconds").GetInt() == 5400);
  CHECK(At(document, "/summary/keys").GetInt() == 1);
  CHECK(At(document, "/summary/ok").GetInt() == 1);
  CHECK(At(document, "/hosts/0/host").GetString() == std::string("h"));
  CHECK(At(document, "/keys/0/key").GetString() == std::string("a"));
  CHECK(At(document, "/keys/0/state").GetString() == std::string("ok"));
  CHECK(At(document, "/keys/0/host").GetString() == std::string("api.metadefender.com"));
  CHECK(At(document, "/keys/0/valid").GetBool());
  CHECK(At(document, "/keys/0/expires_in_seconds").GetInt() == 720 * 3600);
  CHECK(At(document, "/keys/0/expiration_of").GetString() == std::string("key"));
  CHECK(At(document, "/keys/0/organization_id").GetString() == std::string("5f0c1d2e3a4b"));
  const std::string prevention = "/keys/0/quotas/2";
  const auto quota = [&](const char* name) -> const rapidjson::Value& {
    return At(document, (prevention + '/' + name).c_str());
  };
  CHECK(quota("api").GetString() == std::string("prevention"));
  CHECK(quota("used").GetInt() == 1234);
  CHECK(quota("limit").GetInt() == 20000);
  CHECK(quota("used_ratio").GetDouble() == doctest::Approx(0.0617));
  CHECK(quota("resets_in_seconds").GetInt() == 6 * 3600);
  CHECK(quota("reset_uncertainty_seconds").GetInt() == 60);
  CHECK(quota("lasts_until_reset").GetBool());
  CHECK(At(document, "/keys/0/collectors/1/age_seconds").GetInt() == 20);
  CHECK(At(document, "/keys/0/collectors/1/next_attempt_in_seconds").GetInt() == 40);
  CHECK(At(document, "/keys/0/collectors/1/success").GetBool());
}

TEST_CASE("JSON says null for what is not known, and leaves no member out") {
  const auto known = Parsed(test::StatusOfKeys({test::FullKey("a")}));
  const auto unknown = Parsed(test::StatusOfKeys({test::NewKey("a")}));
  CHECK(At(known, "/keys/0").MemberCount() == At(unknown, "/keys/0").MemberCount());
  for (const char* name : {"valid", "expires", "expiration_timestamp_seconds", "expires_in_seconds",
                           "license_type", "throttle_limit", "advice"}) {
    CAPTURE(name);
    CHECK(At(unknown, ("/keys/0/" + std::string(name)).c_str()).IsNull());
  }
  CHECK(At(unknown, "/keys/0/quotas").Empty());
  CHECK(At(unknown, "/keys/0/state").GetString() == std::string("not_asked_yet"));
  CHECK(At(unknown, "/keys/0/collectors/0/age_seconds").IsNull());
  CHECK(At(unknown, "/keys/0/collectors/0/success").IsNull());
}

TEST_CASE("JSON holds any text, and no secret") {
  auto hostile = test::Configured("a\"\\<b>");
  hostile->labels = {{"team", "x\"},\"y\":\n</script>"}};
  hostile->secret = scrape::Secret("5ec2e75ec2e75ec2e75ec2e75ec2e700");
  const auto key = test::FullKey("a");
  key->key = hostile;
  const exporter::Status status = test::StatusOfKeys({key});
  const auto document = Parsed(status);
  CHECK(At(document, "/keys/0/key").GetString() == std::string("a\"\\<b>"));
  CHECK(At(document, "/keys/0/labels/team").GetString() == hostile->labels["team"]);
  CHECK(exporter::StatusJson(status).find("5ec2e7") == std::string::npos);
}
