// When a key is asked again after each documented answer, by the simulated service's own record:
// the real scraper over real sockets, with its clock running fast.

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "scrape/scraper.h"
#include "simulator/cloud.h"
#include "simulator/documented_answers.h"
#include "tests/e2e/exporter_run.h"

using namespace std::chrono_literals;
using std::chrono::milliseconds;

namespace {

constexpr double kScale = 300;  // an hour is twelve seconds
constexpr milliseconds kInterval = 3min;

struct Wait {
  milliseconds least;
  milliseconds most;
};

constexpr Wait kLadder{5min, 5min};
constexpr Wait kRefusal{15min, 15min};
constexpr Wait kBlock{1h, 1h};
// The interval, and up to half of it at random.
constexpr Wait kBackoff{kInterval, kInterval + kInterval / 2};

bool Begins(const std::string& name, const std::vector<std::string>& starts) {
  return std::any_of(starts.begin(), starts.end(),
                     [&name](const std::string& start) { return name.starts_with(start); });
}

Wait WaitAfter(const std::string& name) {
  static const std::map<std::string, Wait> kStated = {
      {"429000_reset_in_text", {5min, 5min}},
      {"429000_rate_limit_headers", {5min, 5min}},
      {"404008", kLadder},
      {"404008_success_false", kLadder},
      {"200_with_401006", kLadder},
      {"403_text", kRefusal},
  };
  if (const auto found = kStated.find(name); found != kStated.end()) return found->second;
  if (Begins(name, {"403002"})) return kBlock;  // longer than the Retry-After of some
  if (Begins(name, {"403", "401011", "401_page", "401_empty", "401_json"})) return kRefusal;
  if (Begins(name, {"401"})) return kLadder;
  return kBackoff;  // a Retry-After of two minutes does not shorten it
}

std::shared_ptr<const scrape::ApiKey> KeyFor(const simulator::Cloud& cloud,
                                             const simulator::KeyScript& script) {
  auto key = std::make_shared<scrape::ApiKey>();
  key->name = script.name;
  key->secret = scrape::Secret(script.apikey);
  key->base_url = cloud.BaseUrl();
  key->scrape_interval = kInterval;
  return key;
}

}  // namespace

TEST_CASE(
    "after each documented answer the key is asked again when it should, and the others go on") {
  simulator::Cloud healthy;
  std::vector<std::shared_ptr<const scrape::ApiKey>> keys = {
      KeyFor(healthy, test::AddKey(healthy, "good"))};
  std::map<std::string, std::unique_ptr<simulator::Cloud>> clouds;
  for (const auto& [name, fault] : simulator::DocumentedAnswers()) {
    if (Begins(name, {"200_good", "201_good"})) continue;
    auto cloud = std::make_unique<simulator::Cloud>();
    keys.push_back(KeyFor(*cloud, test::AddKey(*cloud, name)));
    cloud->SetFault(name, fault);
    clouds.emplace(name, std::move(cloud));
  }
  CHECK(clouds.size() > 90);

  scrape::SnapshotStore store;
  scrape::ScrapeOptions options;
  options.max_concurrent_requests = 200;
  options.max_requests_per_second = 1000;
  options.user_agent = "test";
  options.time_scale = kScale;
  scrape::Scraper scraper(keys, options, store);
  scraper.Start();

  std::set<std::string> asked_once;
  CHECK(test::Eventually([&] {
    asked_once.clear();
    for (const auto& [name, cloud] : clouds) {
      if (cloud->Requests().size() < 2) asked_once.insert(name);
    }
    return asked_once.empty();
  }));
  for (const std::string& name : asked_once) FAIL_CHECK("not asked again: ", name);
  CHECK(healthy.Requests().size() > 20);
  scraper.Stop();

  for (const auto& entry : clouds) {
    const auto& name = entry.first;  // clang 14 cannot capture a binding
    const auto requests = entry.second->Requests();
    if (requests.size() < 2) continue;
    CAPTURE(name);
    const auto waited =
        std::chrono::duration_cast<milliseconds>((requests[1].time - requests[0].time) * kScale);
    CAPTURE(waited.count());
    const Wait expected = WaitAfter(name);
    // What begins with the answer is exact; the backoff counts from when a request was sent, and
    // that is on its way for a while, which counts `kScale` times here.
    CHECK(waited >= (expected.least == kBackoff.least ? kBackoff.least / 2 : expected.least));
    CHECK(waited <= expected.most + 5s * kScale);
  }
}
