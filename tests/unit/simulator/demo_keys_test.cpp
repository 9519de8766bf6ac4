#include "simulator/demo_keys.h"

#include <curl/curl.h>
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "curl_client.h"

using namespace simulator;  // NOLINT(google-build-using-namespace): the room under test

TEST_CASE("the demo shows a key of every kind") {
  Cloud cloud;
  Cloud blocking_region;
  std::map<std::string, DemoKey> keys;
  std::set<std::string> apikeys;
  for (DemoKey& key : AddDemoKeys(cloud, blocking_region, 42)) {
    CHECK(key.apikey.size() == 32);
    CHECK(std::all_of(key.apikey.begin(), key.apikey.end(),
                      [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }));
    CHECK(key.labels.count("team") == 1);
    apikeys.insert(key.apikey);
    keys.emplace(key.name, std::move(key));
  }
  CHECK(apikeys.size() == keys.size());
  const auto ask = [&](const std::string& name) {
    return Ask(keys.at(name).base_url + "/apikey/limits/status", keys.at(name).apikey,
               std::chrono::milliseconds(name == "times-out" ? 100 : 10'000));
  };
  for (const char* name :
       {"mail-gateway", "web-uploads", "replicas-out-of-step", "free-account", "nearly-out",
        "exhausted", "monthly", "expired", "organization-member"}) {
    CAPTURE(name);
    CHECK(ask(name).status == 200);
  }
  CHECK(ask("rejected").status == 401);
  CHECK(ask("throttled").status == 429);
  CHECK(ask("address-blocked").status == 403);
  CHECK(keys.at("address-blocked").base_url == blocking_region.BaseUrl());
  CHECK(ask("times-out").error == CURLE_OPERATION_TIMEDOUT);
  CHECK(ask("sends-garbage").body.front() == '\0');
  const KeyTruth nearly_out = cloud.Truth("nearly-out");
  const FamilyTruth& prevention = nearly_out.families.at("prevention");
  CHECK(prevention.remaining * 20 < prevention.limit);
  CHECK(prevention.remaining > 0);
  const KeyTruth exhausted = cloud.Truth("exhausted");
  CHECK(exhausted.families.at("prevention").remaining == 0);
  CHECK(exhausted.families.at("sandbox").limit == 0);
  CHECK(keys.at("monthly").window.count() == 0);
  CHECK(keys.at("mail-gateway").with_history);
  CHECK_FALSE(keys.at("monthly").with_history);
  CHECK(cloud.TruthOfScans("mail-gateway").results.at(0) > 100);
}

TEST_CASE("the demo's use grows by itself") {
  TimePoint now{std::chrono::hours(1)};
  CloudOptions options;
  options.now = [&now] { return now; };
  Cloud cloud(std::move(options));
  Cloud blocking_region;
  static_cast<void>(AddDemoKeys(cloud, blocking_region, 42));
  const auto before = cloud.Truth("mail-gateway").families.at("reputation").used;
  now += std::chrono::minutes(1);
  CHECK(cloud.Truth("mail-gateway").families.at("reputation").used == before + 60L * 25);
}

TEST_CASE("another seed makes other apikeys") {
  Cloud cloud;
  Cloud region;
  CHECK(AddDemoKeys(cloud, region, 1).front().apikey !=
        AddDemoKeys(cloud, region, 2).front().apikey);
}
