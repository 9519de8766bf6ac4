// What a key's record makes of windows: how they reach what is published, and how long the values
// of a used-up quota stay.

#include <doctest/doctest.h>

#include <string>

#include "scrape/key_record.h"
#include "tests/unit/scrape/test_keys.h"

using namespace std::chrono_literals;
using scrape::Collector;
using scrape::IndexOf;
using scrape::Moment;
using scrape::Reason;
using scrape::ScrapeError;
using scrape::SteadyTime;
using scrape::Verdict;

namespace {

struct Fixture {
  Moment now{SteadyTime(1'000'000s), scrape::SystemTime(1'700'000'000s)};
  std::vector<std::shared_ptr<const scrape::ApiKey>> keys = test::Keys(1, [](scrape::ApiKey& key) {
    key.quota_window = {scrape::WindowLength::Kind::kFixed, 6h};
  });
  scrape::Schedule schedule{keys, {}, 1, now.steady};
  scrape::KeyRecord record{keys[0], schedule, 0};

  void Used(double used) {
    now.steady += 1min;
    now.system += 1min;
    record.Succeeded(Collector::kLimits, 0.1s, {}, scrape::Consumption{{{"feed", used}}, 0}, now);
  }
  // Seen to open at the last of four polls.
  void Opened() {
    for (const double used : {0, 0, 0, 5}) Used(used);
  }
  void Refused(int code, std::optional<std::chrono::seconds> reset_in = {}) {
    const ScrapeError error{.reason = code == 429000 ? Reason::kQuotaExhausted : Reason::kThrottled,
                            .verdict = Verdict::kAccepted,
                            .api_code = code,
                            .reset_in = reset_in};
    record.Failed(Collector::kLimits, 0.1s, error, now);
  }
  std::chrono::nanoseconds KeptFor() {
    return record.Published()->collectors[IndexOf(Collector::kLimits)].keep_until - now.steady;
  }
  const scrape::QuotaWindowState& Window() { return record.Published()->windows->front(); }
};

}  // namespace

TEST_CASE("consumption and reset are published with the answer that told them") {
  Fixture f;
  CHECK(f.record.Published()->windows == nullptr);
  f.Opened();
  CHECK(f.Window().consumed_total == 5);
  CHECK(f.Window().window == 6h);
  CHECK(f.Window().reset == f.now.system + 6h);
  f.record.Heard({.family = "feed", .reset_in = 60s}, f.now);
  CHECK(f.Window().reset == f.now.system + 1min);
}

TEST_CASE("the values of a used-up quota stay until its reset") {
  Fixture f;
  SUBCASE("that the answer states") {
    f.Opened();
    for (const int code : {429000, 429001}) {
      f.Refused(code, 3600s);
      CHECK(f.KeptFor() == 1h);
    }
  }
  SUBCASE("that was seen, when it states none") {
    f.Opened();
    f.Refused(429000);
    CHECK(f.KeptFor() == 6h);
  }
  SUBCASE("or for a day, when none is known") {
    f.Used(5);
    f.Refused(429000);
    CHECK(f.KeptFor() == 24h);
  }
  SUBCASE("at least as long as any others") {
    f.Opened();
    f.Refused(429000, 1s);
    CHECK(f.KeptFor() == 10min);
  }
}

TEST_CASE("a jump waits for info only where info is asked") {
  Fixture f;
  SUBCASE("asked") {
    for (const double used : {5, 5, 5, 900}) f.Used(used);
    CHECK(f.Window().consumed_total == 0);
    f.record.Succeeded(Collector::kInfo, 0.1s, {}, scrape::KeyInfo{}, f.now);
    CHECK(f.Window().consumed_total == 895);
  }
  SUBCASE("not asked") {
    auto key = test::Key("a", [](scrape::ApiKey& k) { k.collectors = {false, true, false}; });
    scrape::Schedule schedule({key}, {}, 1, f.now.steady);
    scrape::KeyRecord record(key, schedule, 0);
    for (const double used : {5, 5, 5, 900}) {
      f.now.steady += 1min;
      record.Succeeded(Collector::kLimits, 0.1s, {}, scrape::Consumption{{{"feed", used}}, 0},
                       f.now);
    }
    CHECK(record.Published()->windows->front().consumed_total == 895);
  }
}

TEST_CASE("what was counted survives a rejection") {
  Fixture f;
  f.Opened();
  f.schedule.Finish({0, Collector::kLimits}, f.now.steady, f.now.steady, nullptr);
  const ScrapeError rejected{.reason = Reason::kUnauthorized, .verdict = Verdict::kRejected};
  f.schedule.Finish({0, Collector::kStatus}, f.now.steady, f.now.steady, &rejected);
  f.record.Failed(Collector::kStatus, 0.1s, rejected, f.now);
  f.record.FollowSchedule(f.now);
  CHECK(f.record.Published()->stopped);
  CHECK(f.record.Published()->limits == nullptr);
  CHECK(f.Window().consumed_total == 5);
}
