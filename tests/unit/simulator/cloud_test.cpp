#include "simulator/cloud.h"

#include <curl/curl.h>
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <rapidjson/document.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "curl_client.h"
#include "simulator/bodies.h"

using namespace simulator;  // NOLINT(google-build-using-namespace): the room under test
using std::chrono::hours;
using std::chrono::milliseconds;

namespace {

KeyScript Script(const std::string& name, std::uint64_t seed = 1) {
  std::mt19937_64 random(seed);
  KeyScript script;
  script.name = name;
  script.apikey = FakeApikey(random);
  return script;
}

// A number, or a string of digits, as the service mixes them.
std::int64_t NumberIn(const std::string& body, const std::string& member) {
  rapidjson::Document document;
  document.Parse(body.data(), body.size());
  REQUIRE(document.IsObject());
  REQUIRE(document.HasMember(member.c_str()));
  const auto& value = document[member.c_str()];
  return value.IsString() ? std::stoll(value.GetString()) : value.GetInt64();
}

std::string MemberOf(const std::string& family) {
  return family == "download_file" ? family : family + "_api";
}

}  // namespace

TEST_CASE("a known key gets the three bodies with the service's headers") {
  Cloud cloud;
  const KeyScript script = Script("one");
  cloud.AddKey(script);
  const CurlAnswer info = Ask(cloud.BaseUrl() + "/apikey/", script.apikey);
  CHECK(info.error == CURLE_OK);
  CHECK(info.status == 200);
  CHECK(info.headers.at("x-authenticated") == "by apikey");
  CHECK(info.headers.at("x-response-time") == "330ms");
  CHECK(info.headers.at("content-type") == "application/json; charset=utf-8");
  CHECK(info.body == InfoBody(script));
  CHECK(Ask(cloud.BaseUrl() + "/apikey", script.apikey).body == info.body);
  CHECK(Ask(cloud.BaseUrl() + "/apikey/limits", script.apikey).body ==
        LimitsBody(cloud.Truth("one")));
  CHECK(Ask(cloud.BaseUrl() + "/apikey/limits/status", script.apikey).body ==
        StatusBody(cloud.Truth("one")));
}

TEST_CASE("no key, an unknown key and an unknown path are refused with their codes") {
  Cloud cloud;
  const KeyScript script = Script("one");
  cloud.AddKey(script);
  const CurlAnswer missing = Ask(cloud.BaseUrl() + "/apikey/", "");
  CHECK(missing.status == 400);
  CHECK(missing.body == ErrorBody(400165, "No apikey specified"));
  const CurlAnswer unknown = Ask(cloud.BaseUrl() + "/apikey/", Script("two", 2).apikey);
  CHECK(unknown.status == 401);
  CHECK(unknown.body == ErrorBody(401006, "Invalid API key"));
  for (const char* path : {"/apikey/limits/", "/apikey/", "/nothing", "/apikey/x"}) {
    const std::string base = std::string(path) == "/apikey/"
                                 ? fmt::format("http://127.0.0.1:{}/v3", cloud.Port())
                                 : cloud.BaseUrl();
    const CurlAnswer answer = Ask(base + path, script.apikey);
    CAPTURE(path);
    CHECK(answer.status == 404);
    CHECK(answer.body == ErrorBody(404000, "Endpoint not found"));
  }
  cloud.RemoveKey("one");
  CHECK(Ask(cloud.BaseUrl() + "/apikey/", script.apikey).status == 401);
}

TEST_CASE(
    "what is served equals the truth, key by key and family by family, after random traffic") {
  const std::uint64_t seed = std::random_device()();
  CAPTURE(seed);
  Cloud cloud;
  std::vector<KeyScript> scripts;
  for (int i = 0; i < 20; ++i) {
    scripts.push_back(Script(fmt::format("key-{:02}", i), static_cast<std::uint64_t>(i)));
    cloud.AddKey(scripts.back());
  }
  cloud.Traffic(seed, 500);
  std::int64_t all_used = 0;
  for (const KeyScript& script : scripts) {
    const std::string limits = Ask(cloud.BaseUrl() + "/apikey/limits", script.apikey).body;
    const std::string status = Ask(cloud.BaseUrl() + "/apikey/limits/status", script.apikey).body;
    const KeyTruth truth = cloud.Truth(script.name);
    REQUIRE(truth.families.size() == 6);
    for (const auto& [family, expected] : truth.families) {
      CHECK(NumberIn(limits, MemberOf(family)) == expected.used);
      CHECK(NumberIn(status, MemberOf(family)) == expected.limit - expected.used);
      all_used += expected.used;
    }
  }
  CHECK(all_used >= 500);
}

TEST_CASE("the same seed makes the same traffic") {
  const auto truth_after = [](std::uint64_t seed) {
    Cloud cloud;
    cloud.AddKey(Script("a", 1));
    cloud.AddKey(Script("b", 2));
    cloud.Traffic(seed, 100);
    const KeyTruth a = cloud.Truth("a");
    const KeyTruth b = cloud.Truth("b");
    return LimitsBody(a) + LimitsBody(b);
  };
  CHECK(truth_after(7) == truth_after(7));
  CHECK(truth_after(7) != truth_after(8));
}

TEST_CASE("use, windows and the throttle follow the clock that was given") {
  std::atomic<std::int64_t> hour = 1000;
  CloudOptions options;
  options.now = [&hour] { return TimePoint(hours(hour)); };
  Cloud cloud(std::move(options));
  const KeyScript script = Script("one");
  cloud.AddKey(script);
  cloud.Use("one", "prevention", 5);
  cloud.SetThrottlingRemaining("one", 2);
  const auto used = [&] {
    return NumberIn(Ask(cloud.BaseUrl() + "/apikey/limits", script.apikey).body, "prevention_api");
  };
  CHECK(used() == 5);
  CHECK(cloud.Truth("one").families.at("prevention").window_end == TimePoint(hours(1024)));
  CHECK(NumberIn(Ask(cloud.BaseUrl() + "/apikey/limits/status", script.apikey).body,
                 "throttling_limit") == 2);
  hour = 1024;
  CHECK(used() == 0);
  CHECK_FALSE(cloud.Truth("one").families.at("prevention").window_end.has_value());
}

TEST_CASE("requests are recorded with the name of their key and their headers") {
  Cloud cloud;
  const KeyScript script = Script("one");
  cloud.AddKey(script);
  const auto before = std::chrono::steady_clock::now();
  const CurlAnswer known = Ask(cloud.BaseUrl() + "/apikey/limits?a=b", script.apikey);
  const CurlAnswer unknown = Ask(cloud.BaseUrl() + "/apikey/", "unknown");
  CHECK(known.status + unknown.status == 601);
  const auto records = cloud.Requests();
  REQUIRE(records.size() == 2);
  CHECK(records[0].method == "GET");
  CHECK(records[0].path == "/v4/apikey/limits");
  CHECK(records[0].query == "a=b");
  CHECK(records[0].key == "one");
  CHECK(records[0].user_agent == "unit-test/1");
  CHECK(records[0].Header("Apikey") == script.apikey);
  CHECK(records[0].time >= before);
  CHECK(records[1].key.empty());
  CHECK(cloud.RequestsOf("one").size() == 1);
  cloud.ForgetRequests();
  CHECK(cloud.Requests().empty());
}

TEST_CASE("a name that was not added is an error of the test") {
  Cloud cloud;
  CHECK_THROWS_AS(cloud.Use("nobody", "prevention", 1), std::out_of_range);
  CHECK_THROWS_AS(static_cast<void>(cloud.Truth("nobody")), std::out_of_range);
  cloud.AddKey(Script("one"));
  CHECK_THROWS_AS(cloud.Use("one", "no_family", 1), std::out_of_range);
  CHECK(cloud.KeyNames() == std::vector<std::string>{"one"});
}

TEST_CASE("1,000 keys are asked by 64 transfers at a time over kept connections") {
  CloudOptions options;
  options.latency = milliseconds(20);
  Cloud cloud(std::move(options));
  std::vector<std::string> apikeys;
  for (int i = 0; i < 1000; ++i) {
    const KeyScript script = Script(fmt::format("key-{}", i), static_cast<std::uint64_t>(i));
    apikeys.push_back(script.apikey);
    cloud.AddKey(script);
  }
  const std::unique_ptr<CURLM, decltype(&curl_multi_cleanup)> multi(curl_multi_init(),
                                                                    &curl_multi_cleanup);
  const std::string url = cloud.BaseUrl() + "/apikey/limits";
  std::map<CURL*, curl_slist*> running;
  std::size_t next = 0;
  int answered = 0;
  long connections = 0;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  do {
    while (next < apikeys.size() && running.size() < 64) {
      CURL* const easy = curl_easy_init();
      running[easy] = curl_slist_append(nullptr, ("apikey: " + apikeys[next++]).c_str());
      curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
      curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
      curl_easy_setopt(easy, CURLOPT_PROXY, "");
      curl_easy_setopt(easy, CURLOPT_HTTPHEADER, running[easy]);
      curl_easy_setopt(
          easy, CURLOPT_WRITEFUNCTION,
          +[](char*, std::size_t size, std::size_t count, void*) { return size * count; });
      curl_multi_add_handle(multi.get(), easy);
    }
    int still_running = 0;
    curl_multi_perform(multi.get(), &still_running);
    curl_multi_poll(multi.get(), nullptr, 0, 100, nullptr);
    int queued = 0;
    while (const CURLMsg* const message = curl_multi_info_read(multi.get(), &queued)) {
      CURL* const easy = message->easy_handle;
      long status = 0;
      long opened = 0;
      curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
      curl_easy_getinfo(easy, CURLINFO_NUM_CONNECTS, &opened);
      answered += message->data.result == CURLE_OK && status == 200 ? 1 : 0;
      connections += opened;
      curl_multi_remove_handle(multi.get(), easy);
      curl_slist_free_all(running.at(easy));
      curl_easy_cleanup(easy);
      running.erase(easy);
    }
  } while ((next < apikeys.size() || !running.empty()) &&
           std::chrono::steady_clock::now() < deadline);
  CHECK(answered == 1000);
  CHECK(connections <= 64);
  CHECK(cloud.PeakConcurrency() > 32);
  CHECK(cloud.PeakConcurrency() <= 64);
}
