#include "scrape/api/families.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using scrape::ApiValues;
using scrape::Families;
using scrape::FamilyNaming;
using scrape::JsonDocument;
using scrape::Redactor;

namespace {

constexpr std::string_view kSecret = "5ecre7_5ecre7_5ecre7";

Families Limits(const std::string& json) {
  const auto document = JsonDocument::Parse(json);
  REQUIRE(document);
  return FindFamilies(*document->Root(), FamilyNaming::kLimitPrefix, Redactor(kSecret));
}

Families Usage(const std::string& json) {
  const auto document = JsonDocument::Parse(json);
  REQUIRE(document);
  return FindFamilies(*document->Root(), FamilyNaming::kApiSuffix, Redactor(kSecret));
}

}  // namespace

TEST_CASE("families are named by limit_ in grants and by _api in usage") {
  const std::string json =
      R"({"limit_sandbox":1,"sandbox_api":2,"download_file":3,"limit_feed":"4","feed_api":"5"})";
  CHECK(Limits(json).values == ApiValues{{"feed", 4}, {"sandbox", 1}});
  CHECK(Usage(json).values == ApiValues{{"download_file", 3}, {"feed", 5}, {"sandbox", 2}});
}

TEST_CASE("the throttling limit is never a family") {
  const std::string json = R"({"throttling_limit":1,"limit_throttling_limit":2,
                               "throttling_limit_api":3})";
  CHECK(Limits(json).values.empty());
  CHECK(Usage(json).values.empty());
  CHECK(Usage(json).dropped == 0);
}

TEST_CASE("values that are no numbers give no family") {
  CHECK(Limits(R"({"limit_feed":null,"limit_sandbox":"x","limit_reputation":true,
                   "limit_prevention":[1],"limit_x":{"a":1},"limit_y":1e300})")
            .values.empty());
}

TEST_CASE("values are reported as they come, negative and beyond the limit too") {
  CHECK(Usage(R"({"sandbox_api":-5,"feed_api":0})").values ==
        ApiValues{{"feed", 0}, {"sandbox", -5}});
}

TEST_CASE("an unknown family with a plain name is a new one") {
  CHECK(Limits(R"({"limit_quantum":7})").values == ApiValues{{"quantum", 7}});
  CHECK(Usage(R"({"quantum_api":7})").values == ApiValues{{"quantum", 7}});
}

TEST_CASE("names off the pattern are not families") {
  const std::string long_name(65, 'a');
  CHECK(Limits(R"({"limit_":1,"limit_A":1,"limit_a b":1,"limit_a\"":1,"Limit_b":1,"limitc":1,
                   "limit_\u0000":1,"limit_\u00e4":1,"limit_)" +
               long_name + R"(":1,"sandbox_api":1})")
            .values.empty());
  CHECK(Usage(R"({"_api":1,"A_api":1,"api":1,"a_api_":1,"download_files":1,"limit_feed":1})")
            .values.empty());
}

TEST_CASE("of members for the same family the first counts") {
  CHECK(Limits(R"({"limit_feed":1,"limit_feed":2})").values == ApiValues{{"feed", 1}});
  CHECK(Usage(R"({"download_file":1,"download_file_api":2})").values ==
        ApiValues{{"download_file", 1}});
}

TEST_CASE("at most eight unknown families are kept, the same ones in any order") {
  std::string up = "{\"limit_sandbox\":1";
  std::string down = "{";
  for (char c = 'a'; c <= 'l'; ++c) {
    const std::string member = "\"limit_z" + std::string(1, c) + "\":1";
    up += "," + member;
    down.insert(1, member + ",");
  }
  const Families first = Limits(up + "}");
  CHECK(first.values == ApiValues{{"sandbox", 1},
                                  {"za", 1},
                                  {"zb", 1},
                                  {"zc", 1},
                                  {"zd", 1},
                                  {"ze", 1},
                                  {"zf", 1},
                                  {"zg", 1},
                                  {"zh", 1}});
  CHECK(first.dropped == 4);
  const Families second = Limits(down + "\"limit_sandbox\":1}");
  CHECK(second.values == first.values);
  CHECK(second.dropped == 4);
}

TEST_CASE("a family name with the secret in it is dropped") {
  const std::string secret(kSecret);
  const Families limits =
      Limits("{\"limit_" + secret + "\":1,\"limit_x" + secret + "y\":2,\"limit_feed\":3}");
  CHECK(limits.values == ApiValues{{"feed", 3}});
  CHECK(limits.dropped == 2);
  const Families usage = Usage("{\"" + secret + "_api\":1}");
  CHECK(usage.values.empty());
  CHECK(usage.dropped == 1);
}

TEST_CASE("a known family stays even when a secret is a part of its name") {
  const auto document = JsonDocument::Parse(R"({"limit_feed":1})");
  CHECK(FindFamilies(*document->Root(), FamilyNaming::kLimitPrefix, Redactor("feed")).values ==
        ApiValues{{"feed", 1}});
}

TEST_CASE("a hundred thousand families are cut like a dozen") {
  std::string json = "{\"x\":0";
  for (int i = 0; i < 100'000; ++i) json += ",\"limit_f" + std::to_string(i) + "\":1";
  const Families found = Limits(json + "}");
  CHECK(found.values.size() == 8);
  CHECK(found.dropped == 99'992);
}

TEST_CASE("the name of an API is that of its family, with or without the suffix it is sent with") {
  CHECK(scrape::FamilyOfApi("reputation_api") == "reputation");
  CHECK(scrape::FamilyOfApi("threat_intel_search_api") == "threat_intel_search");
  CHECK(scrape::FamilyOfApi("download_file") == "download_file");
  for (const char* name : {"", "_api", "reputation", "uploadFile", "Reputation_api", "a b_api"}) {
    CAPTURE(name);
    CHECK(scrape::FamilyOfApi(name).empty());
  }
}
