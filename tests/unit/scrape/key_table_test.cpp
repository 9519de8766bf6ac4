#include "scrape/key_table.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <iterator>
#include <random>
#include <set>
#include <string>
#include <utility>

#include "tests/unit/scrape/changing_keys.h"
#include "tests/unit/scrape/test_keys.h"

using namespace std::chrono_literals;
using scrape::ApiKey;
using scrape::Collector;
using scrape::KeyTable;
using scrape::Reason;
using scrape::ScheduleCaps;
using scrape::ScrapeError;
using scrape::Task;
using scrape::Verdict;
using test::Changing;
using test::Key;
using test::Keys;
using test::WithSecret;

namespace {

const ScrapeError kRejected{.reason = Reason::kUnauthorized, .verdict = Verdict::kRejected};
const ScrapeError kForbidden{.reason = Reason::kForbidden};
const ScrapeError kTimeout{.reason = Reason::kTimeout};
const ScrapeError kBlocked{.reason = Reason::kIpBlocked, .api_code = 403002};

}  // namespace

TEST_CASE("a removed key is not asked any more, and a new one gets its place") {
  Changing run(Keys(3));
  run.RunFor(5min);
  run.Replace({run.table.All()[0], run.table.All()[2]});
  const std::size_t before = run.started.size();
  run.RunFor(5min);
  CHECK(run.StartedSince(before, 1) == 0);
  CHECK(run.StartedSince(before, 2) > 0);
  CHECK(run.vacated == std::vector<std::size_t>{1});
  run.Replace({run.table.All()[0], run.table.All()[2], Key("a-new-one")});
  CHECK(run.PlaceOf("a-new-one") == 1);
  CHECK(run.table.ByName() == std::vector<std::size_t>{1, 0, 2});
  run.RunFor(1s);
  CHECK(run.schedule.EverAccepted(1));
}

TEST_CASE("an unchanged key goes on as if nothing had happened") {
  Changing undisturbed(Keys(20));
  Changing reloaded(Keys(20));
  for (int i = 0; i < 60; ++i) {
    undisturbed.RunFor(10s);
    reloaded.RunFor(10s);
    reloaded.Replace(Keys(20));
  }
  CHECK(reloaded.started == undisturbed.started);
  CHECK(reloaded.vacated.empty());
}

TEST_CASE("a request of a removed key that may be rejected is left to end, and counts") {
  Changing run({Key("wrong"), Key("good")});
  run.latency = 1s;
  run.answer = [](Task task) { return task.key == 0 ? &kRejected : nullptr; };
  run.RunFor(100ms);
  REQUIRE(run.schedule.OnTrial({0, Collector::kInfo}));
  run.Replace({run.table.All()[1]});
  CHECK(run.schedule.Leaving(0));
  CHECK(run.table.All()[0] != nullptr);  // its answer is to be understood
  CHECK(run.table.RecordOf(0) == nullptr);
  run.RunFor(2s);
  CHECK_FALSE(run.schedule.Leaving(0));
  // Three of four are left: wrong keys of this hour are asked no more often than that.
  run.table.Release(0);
  KeyTable::Keys keys = {run.table.All()[1]};
  for (int i = 0; i < 9; ++i) keys.push_back(Key("wrong-" + std::to_string(i)));
  run.Replace(keys);
  run.answer = [&run](Task task) {
    return run.table.All()[task.key]->name == "good" ? nullptr : &kRejected;
  };
  const std::size_t before = run.started.size();
  run.RunFor(30min);
  std::size_t asked = 0;
  for (int i = 0; i < 9; ++i)
    asked += run.StartedSince(before, run.PlaceOf("wrong-" + std::to_string(i)));
  CHECK(asked == 3);
}

TEST_CASE("a leaving key that hears that the address is blocked pauses the host") {
  Changing run({Key("leaves"), Key("stays")});
  run.latency = 1s;
  run.RunFor(5s);
  run.Replace({run.table.All()[1], Key("new")});
  run.answer = [](Task) { return &kBlocked; };
  run.RunFor(100ms);
  REQUIRE(run.schedule.OnTrial({0, Collector::kInfo}));
  const std::size_t stays = run.PlaceOf("stays");
  run.Replace({run.table.All()[stays]});
  run.RunFor(2s);
  CHECK(run.schedule.HostPaused(stays));
}

TEST_CASE("a changed secret is asked at once, even of a key that was stopped for hours") {
  Changing run({WithSecret("one", "wrong")});
  run.answer = [](Task) { return &kRejected; };
  run.RunFor(3h);
  REQUIRE(run.schedule.Stopped(0));
  run.answer = [](Task) { return nullptr; };
  run.Replace({WithSecret("one", "right")});
  const std::size_t before = run.started.size();
  run.RunFor(1s);
  CHECK(run.started.size() > before);
  CHECK(run.schedule.EverAccepted(0));
  CHECK_FALSE(run.schedule.Stopped(0));
}

TEST_CASE("a secret that changes while the old one is on trial is asked beside it") {
  Changing run({WithSecret("one", "old")});
  run.latency = 3s;
  run.answer = [&run](Task task) {
    return run.table.All()[task.key]->secret == scrape::Secret("new") ? nullptr : &kRejected;
  };
  run.RunFor(100ms);
  run.Replace({WithSecret("one", "new")});
  const std::size_t place = run.PlaceOf("one");
  CHECK(place == 1);
  CHECK(run.schedule.Leaving(0));
  CHECK(run.table.All()[0]->secret == scrape::Secret("old"));
  run.RunFor(200ms);
  CHECK(run.schedule.InFlight({1, Collector::kInfo}));
  run.RunFor(5s);
  CHECK(run.schedule.EverAccepted(1));
  CHECK_FALSE(run.schedule.Leaving(0));
}

TEST_CASE("what was counted stays with a changed secret, what was known does not") {
  Changing run({WithSecret("one", "old")});
  scrape::Moment at{run.now, scrape::SystemTime(1'700'000'000s)};
  const auto used = [&](double value) {
    scrape::Consumption consumption;
    consumption.used = {{"reputation_api", value}};
    run.table.RecordOf(0)->Succeeded(Collector::kLimits, 0.1s, std::nullopt, consumption, at);
    at.steady += 1min;
    at.system += 1min;
  };
  scrape::KeyInfo info;
  info.entitlement.quota_limits = {{"reputation_api", 4000}};
  run.table.RecordOf(0)->Succeeded(Collector::kInfo, 0.1s, std::nullopt, info, at);
  for (const double value : {10, 10, 10, 25}) used(value);
  const auto total = [&] {
    return run.table.RecordOf(0)->Published()->windows->at(0).consumed_total;
  };
  REQUIRE(total() == 15);
  run.Replace({WithSecret("one", "new")});
  const auto state = run.table.RecordOf(0)->Published();
  CHECK(state->limits == nullptr);
  CHECK(state->info == nullptr);
  CHECK_FALSE(state->valid);
  CHECK_FALSE(state->collectors[0].attempted);
  CHECK(total() == 15);
  for (const double value : {2000, 2000, 2000, 2003}) used(value);
  run.table.RecordOf(0)->Succeeded(Collector::kInfo, 0.1s, std::nullopt, info, at);
  CHECK(total() == 18);  // not the 2,000 of the other account
}

TEST_CASE("a key with another base URL is another key") {
  Changing run({Key("one")});
  run.RunFor(1min);
  REQUIRE(run.schedule.EverAccepted(0));
  run.Replace({Key("one", [](ApiKey& key) { key.base_url = "https://eu.example.com/v4"; })});
  CHECK_FALSE(run.schedule.EverAccepted(run.PlaceOf("one")));
  run.RunFor(1s);
  CHECK(run.schedule.EverAccepted(run.PlaceOf("one")));
  CHECK(run.schedule.Hosts()[0].keys.empty());
}

TEST_CASE("shorter intervals begin at once, longer ones after the round that is due") {
  const auto every = [](std::chrono::milliseconds limits, std::chrono::milliseconds info) {
    return KeyTable::Keys{Key("one", [&](ApiKey& key) {
      key.scrape_interval = limits;
      key.info_interval = info;
    })};
  };
  Changing run(every(10min, 24h));
  run.RunFor(30min);
  run.Replace(every(10s, 20s));
  std::size_t before = run.started.size();
  run.RunFor(10min);
  CHECK(run.started.size() - before >= 2 * 58 + 29);
  run.Replace(every(10min, 24h));
  before = run.started.size();
  run.RunFor(1h);
  CHECK(run.started.size() - before <= 2 * 7 + 1);
  CHECK(run.started.size() - before >= 2 * 5);
}

TEST_CASE("a collector that is switched off leaves nothing behind; switched on it is asked") {
  const auto with = [](scrape::CollectorSet collectors) {
    return KeyTable::Keys{Key("one", [&](ApiKey& key) { key.collectors = collectors; })};
  };
  Changing run(with({true, true, true}));
  run.RunFor(2min);
  run.Replace(with({true, false, true}));
  std::size_t before = run.StartsOf({0, Collector::kLimits}).size();
  run.RunFor(10min);
  CHECK(run.StartsOf({0, Collector::kLimits}).size() == before);
  CHECK_FALSE(run.table.RecordOf(0)->Published()->collectors[IndexOf(Collector::kLimits)].enabled);
  CHECK(run.table.RecordOf(0)->Published()->limits == nullptr);
  run.Replace(with({true, true, true}));
  run.RunFor(2s);
  CHECK(run.StartsOf({0, Collector::kLimits}).size() == before + 1);
}

TEST_CASE("a stopped key is not asked sooner because something else of it has changed") {
  Changing run({Key("one")});
  run.answer = [](Task) { return &kRejected; };
  run.RunFor(2h);
  const std::size_t before = run.started.size();
  for (int i = 0; i < 20; ++i) {
    run.Replace({Key("one", [i](ApiKey& key) {
      key.collectors = {i % 2 == 0, true, i % 3 == 0};
      key.scrape_interval = (i + 1) * 10s;
    })});
    run.RunFor(30s);
  }
  CHECK(run.started.size() == before);
}

TEST_CASE("a refused or failing key is asked at once when its configuration has changed") {
  for (const ScrapeError* error : {&kForbidden, &kTimeout}) {
    Changing run({Key("one")});
    run.answer = [error](Task) { return error; };
    run.RunFor(6h);
    const std::size_t before = run.started.size();
    run.answer = [](Task) { return nullptr; };
    run.Replace({Key("one", [](ApiKey& key) { key.scrape_timeout = 7s; })});
    run.RunFor(1s);
    CHECK(run.started.size() > before);
    CHECK(run.schedule.EverAccepted(0));
  }
}

TEST_CASE("other caps take effect") {
  Changing run(Keys(600));
  run.RunFor(20min);  // 20 a second: all intervals are stretched
  run.caps = {.max_in_flight = 64, .max_requests_per_second = 40};
  run.Replace(Keys(600));
  std::size_t before = run.started.size();
  run.RunFor(1h);
  CHECK(run.started.size() - before == doctest::Approx(600 * (120 + 4)).epsilon(0.02));
  run.caps.max_requests_per_second = 2;
  run.Replace(Keys(600));
  before = run.started.size();
  run.RunFor(1h);
  CHECK(run.started.size() - before <= 2 * 3600 + 2);
  CHECK(run.started.size() - before >= 2 * 3600 * 0.9);
}

// Keys come, go, get other secrets, hosts, intervals and collectors, at random moments and while
// requests are under way.
TEST_CASE("whatever changes, every key is asked, and no wrong key more often than it may be") {
  for (const unsigned seed : {1U, 2U, 3U, 4U, 5U, 6U}) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    const auto chance = [&random](int percent) {
      return std::uniform_int_distribution<int>(0, 99)(random) < percent;
    };
    const auto below = [&random](int end) {
      return std::uniform_int_distribution<int>(0, end - 1)(random);
    };
    const auto make = [&](int number) {
      return Key("key-" + std::to_string(number), [&](ApiKey& key) {
        key.secret = scrape::Secret(chance(3) ? "wrong" : "good-" + std::to_string(below(3)));
        if (number % 3 == 0) key.base_url = "https://eu.example.com/v4";
        key.scrape_interval = (1 + below(6)) * 10s;
        key.info_interval = (1 + below(9)) * 1min;
        key.collectors = {chance(80), chance(80), true};
      });
    };
    std::map<int, std::shared_ptr<const ApiKey>> configured;
    for (int i = 0; i < 30; ++i) configured[i] = make(i);
    const auto keys_of = [&configured] {
      KeyTable::Keys keys;
      for (const auto& [number, key] : configured) keys.push_back(key);
      return keys;
    };
    Changing run(keys_of(), {.max_in_flight = 8, .max_requests_per_second = 20});
    std::map<std::string, std::multiset<scrape::SteadyTime>> rejections;  // by base URL
    run.answer = [&](Task task) -> const ScrapeError* {
      const ApiKey& key = *run.table.All()[task.key];
      if (key.secret == scrape::Secret("wrong")) {
        rejections[key.base_url].insert(run.now);
        return &kRejected;
      }
      return chance(2) ? &kTimeout : nullptr;
    };
    std::size_t most_places = 0;
    for (int round = 0; round < 400; ++round) {
      run.latency = std::chrono::milliseconds(20 + below(3000));
      run.RunFor(std::chrono::milliseconds(below(30'000)));
      for (std::size_t i = 0; i < run.table.All().size(); ++i) {
        const bool vacant = run.table.All()[i] != nullptr && run.table.RecordOf(i) == nullptr &&
                            !run.schedule.Leaving(i);
        if (vacant) run.table.Release(i);
      }
      for (int change = below(4); change > 0; --change) {
        const int number = below(40);
        if (chance(30)) {
          configured.erase(number);
        } else {
          configured[number] = make(number);
        }
      }
      run.Replace(keys_of());
      most_places = std::max(most_places, run.table.All().size());
      REQUIRE(run.table.ByName().size() == configured.size());
    }
    CHECK(most_places <= 40 + 8);
    CHECK(run.peak <= 8);
    run.RunFor(3h);  // the budget of rejected requests comes back
    const std::size_t before = run.started.size();
    run.RunFor(15min);
    for (const std::size_t place : run.table.ByName()) {
      const ApiKey& key = *run.table.All()[place];
      if (key.secret == scrape::Secret("wrong")) continue;
      CAPTURE(key.name);
      CHECK(run.StartedSince(before, place) >= 5);
    }
    // The budget, two changed secrets beyond it, and accepted keys whose secret became wrong are
    // changed ones, too.
    for (const auto& [url, times] : rejections) {
      for (const scrape::SteadyTime time : times) {
        const auto in_hour = std::distance(times.lower_bound(time), times.lower_bound(time + 1h));
        CHECK(in_hour <= 4 + 2);
      }
    }
  }
}
