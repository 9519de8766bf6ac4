#include "scrape/schedule/schedule.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>

#include "tests/unit/scrape/schedule_simulation.h"
#include "tests/unit/scrape/test_keys.h"

using namespace std::chrono_literals;
using scrape::Collector;
using scrape::Reason;
using scrape::Schedule;
using scrape::ScrapeError;
using scrape::SteadyTime;
using scrape::Task;
using scrape::Verdict;
using test::Simulation;

namespace {

const ScrapeError kRejected{.reason = Reason::kUnauthorized, .verdict = Verdict::kRejected};
const ScrapeError kTimeout{.reason = Reason::kTimeout};
const ScrapeError kForbidden{.reason = Reason::kForbidden};
const ScrapeError kExhausted{.reason = Reason::kQuotaExhausted, .verdict = Verdict::kAccepted};

constexpr Task kInfo{0, Collector::kInfo};
constexpr Task kLimits{0, Collector::kLimits};
constexpr Task kStatus{0, Collector::kStatus};

}  // namespace

TEST_CASE("info is asked first, the others as soon as the key was accepted") {
  Simulation run(test::Keys(1));
  run.RunFor(2s);
  REQUIRE(run.started.size() == 3);
  CHECK(run.started[0].second == kInfo);
  CHECK(run.StartsOf(kInfo) == std::vector<std::chrono::milliseconds>{0ms});
  CHECK(run.StartsOf(kLimits).at(0) >= 150ms);
  CHECK(run.StartsOf(kStatus).at(0) < 500ms);
}

TEST_CASE("a key without the info collector starts with its first enabled one") {
  Simulation run(test::Keys(1, [](scrape::ApiKey& key) { key.collectors = {false, false, true}; }));
  run.RunFor(100ms);
  REQUIRE(run.started.size() == 1);
  CHECK(run.started[0].second == kStatus);
}

TEST_CASE("after the first round every collector keeps its interval exactly, at a stable offset") {
  Simulation run(test::Keys(1));
  run.RunFor(1h);
  const auto limits = run.StartsOf(kLimits);
  REQUIRE(limits.size() > 55);
  CHECK(limits[1] - limits[0] >= 30s);
  CHECK(limits[1] - limits[0] <= 90s);
  for (std::size_t i = 2; i < limits.size(); ++i) {
    // A round's requests follow each other.
    CHECK(limits[i] - limits[i - 1] >= 60s - 200ms);
    CHECK(limits[i] - limits[i - 1] <= 60s + 200ms);
  }
  CHECK(run.StartsOf(kInfo).size() >= 4);
  CHECK(run.StartsOf(kInfo).size() <= 5);
}

TEST_CASE("keys spread over the interval") {
  Simulation run(test::Keys(300), {.max_in_flight = 64, .max_requests_per_second = 400});
  run.RunFor(2min);  // the second round is spread
  std::map<std::int64_t, int> per_second;
  const SteadyTime from = run.now;
  run.RunFor(1min);
  for (const auto& [at, task] : run.started) {
    if (at >= from) ++per_second[(at - from) / 1s];
  }
  CHECK(per_second.size() == 60);
  for (const auto& [second, count] : per_second) CHECK(count <= 40);  // 10 on average
}

TEST_CASE("a wrong key costs one request at each step of the ladder") {
  Simulation run(test::Keys(1));
  run.answer = [](Task) { return &kRejected; };
  run.RunFor(24h);
  CHECK(run.schedule.Stopped(0));
  const auto starts = run.StartsOf(kInfo);
  REQUIRE(starts.size() == 7);
  CHECK(run.started.size() == starts.size());
  CHECK(starts[1] - starts[0] == 5min + 150ms);
  CHECK(starts[2] - starts[1] == 15min + 150ms);
  CHECK(starts[3] - starts[2] == 1h + 150ms);
  CHECK(starts[4] - starts[3] == 6h + 150ms);
  CHECK(starts[5] - starts[4] == 6h + 150ms);
}

TEST_CASE(
    "a key that was accepted before is stopped, asked sooner, and goes on once it is accepted") {
  Simulation run(test::Keys(1));
  run.RunFor(5min);
  const std::size_t before = run.started.size();
  run.answer = [](Task) { return &kRejected; };
  run.RunFor(90s);
  REQUIRE(run.schedule.Stopped(0));
  CHECK(run.schedule.NextAttempt(kInfo, run.now));
  CHECK_FALSE(run.schedule.NextAttempt(kLimits, run.now));
  run.RunFor(8min);
  CHECK(run.started.size() - before <= 4);
  run.answer = [](Task) { return nullptr; };
  run.RunFor(1h);  // stopped keys may use half of the budget of rejected requests
  CHECK_FALSE(run.schedule.Stopped(0));
  CHECK(run.schedule.NextAttempt(kLimits, run.now));
}

TEST_CASE("a key that one endpoint accepts and another rejects climbs the ladder all the same") {
  Simulation run(test::Keys(1));
  run.answer = [](Task task) {
    return task.collector == Collector::kLimits ? &kRejected : nullptr;
  };
  run.RunFor(12h);
  CHECK(run.StartsOf(kLimits).size() <= 3 + 12);
  run.answer = [](Task task) {
    return task.collector == Collector::kLimits ? &kForbidden : nullptr;
  };
  const std::size_t before = run.StartsOf(kLimits).size();
  run.RunFor(12h);
  CHECK(run.StartsOf(kLimits).size() - before <= 14);
}

TEST_CASE("failures back off, never faster than the scrape interval") {
  Simulation run(test::Keys(1));
  run.RunFor(10min);
  run.answer = [](Task) { return &kTimeout; };
  const std::size_t before = run.StartsOf(kLimits).size();
  run.RunFor(6h);
  const auto starts = run.StartsOf(kLimits);
  for (std::size_t i = before; i < starts.size(); ++i)
    CHECK(starts[i] - starts[i - 1] >= 60s - 50ms);
  CHECK(starts.size() - before < 90);  // 360 without backoff
  CHECK(starts.size() - before > 20);
  const auto info = run.StartsOf(kInfo);
  CHECK(info.back() > 5h);
}

TEST_CASE("a key that was never accepted takes its collectors in turn while they fail") {
  Simulation run(test::Keys(1));
  run.answer = [](Task task) { return task.collector == Collector::kInfo ? &kTimeout : nullptr; };
  run.RunFor(3min);
  CHECK(run.schedule.EverAccepted(0));
  CHECK_FALSE(run.StartsOf(kLimits).empty());
  CHECK_FALSE(run.StartsOf(kStatus).empty());
  CHECK(run.StartsOf(kLimits).front() >= 60s);
}

TEST_CASE("an exhausted quota proves the key") {
  Simulation run(test::Keys(1));
  run.answer = [](Task) { return &kExhausted; };
  run.RunFor(50s);
  CHECK(run.schedule.EverAccepted(0));
  CHECK(run.started.size() == 1);  // the others wait with it
  run.RunFor(10min);
  CHECK_FALSE(run.StartsOf(kStatus).empty());
}

TEST_CASE("a forbidden key waits 15 minutes, then an hour between attempts") {
  Simulation run(test::Keys(1));
  run.RunFor(10min);
  const std::size_t before = run.started.size();
  run.answer = [](Task) { return &kForbidden; };
  run.RunFor(5h);
  CHECK(run.started.size() - before == 6);
  CHECK_FALSE(run.schedule.Stopped(0));
}

TEST_CASE("an endpoint that is forbidden does not keep the others from being asked") {
  Simulation run(test::Keys(1));
  run.RunFor(10min);
  run.answer = [](Task task) { return task.collector == Collector::kInfo ? &kForbidden : nullptr; };
  const std::size_t before = run.StartsOf(kLimits).size();
  run.RunFor(5h);
  CHECK(run.StartsOf(kLimits).size() - before >= 6);
}

TEST_CASE("a key whose quota is used up waits for the stated time, an hour at most") {
  ScrapeError exhausted = kExhausted;
  exhausted.reset_in = 1500s;
  Simulation run(test::Keys(1));
  run.RunFor(10min);
  run.answer = [&exhausted](Task) { return &exhausted; };
  run.RunFor(2min);
  const auto asked = run.started.size();
  CHECK(run.schedule.HeldBack(0, run.now));
  run.RunFor(1500s);
  CHECK(run.started.size() == asked + 1);
  exhausted.retry_after = 24h;  // said beside the reset: it comes first
  run.RunFor(1500s);
  const auto later = run.started.size();
  run.RunFor(58min);
  CHECK(run.started.size() == later);
  run.RunFor(3min);
  CHECK(run.started.size() == later + 1);
}

TEST_CASE("Retry-After lengthens a wait, up to six hours, and never shortens one") {
  ScrapeError busy{.reason = Reason::kServerError, .http_status = 503};
  Simulation run(test::Keys(1));
  run.RunFor(10min);
  run.answer = [&busy](Task) { return &busy; };
  busy.retry_after = 1s;
  run.RunFor(61s);
  auto limits = run.StartsOf(kLimits);
  CHECK(limits.back() - limits[limits.size() - 2] >= 59s);
  busy.retry_after = 48h;
  run.RunFor(20min);
  limits = run.StartsOf(kLimits);
  run.RunFor(5h);
  CHECK(run.StartsOf(kLimits) == limits);
  run.RunFor(2h);
  CHECK(run.StartsOf(kLimits).size() == limits.size() + 1);
}

TEST_CASE("429002 pauses the host, for its keys together and each time longer") {
  const ScrapeError too_many{.reason = Reason::kThrottled, .http_status = 429, .api_code = 429002};
  Simulation run(test::Keys(20));
  run.RunFor(10min);
  const std::size_t usual = run.started.size();
  run.answer = [&too_many](Task) { return &too_many; };
  run.RunFor(1h);
  CHECK(run.schedule.HostPaused(0));
  const std::size_t paused = run.started.size();
  CHECK(paused - usual <= 10);  // pauses of 1, 2, 4, 8, 15, 15, 15 minutes
  run.answer = [](Task) { return nullptr; };
  run.RunFor(17min);
  CHECK_FALSE(run.schedule.HostPaused(0));
  CHECK(run.started.size() > paused + 40);
}

TEST_CASE("no more than the cap are in flight, and no more start per second than a host allows") {
  Simulation run(test::Keys(200), {.max_in_flight = 7, .max_requests_per_second = 20});
  run.latency = 1s;
  run.RunFor(1min);
  CHECK(run.peak == 7);
  Simulation fast(test::Keys(200), {.max_in_flight = 64, .max_requests_per_second = 20});
  fast.RunFor(10s);
  CHECK(fast.started.size() <= 202);
  CHECK(fast.started.size() >= 195);
}

TEST_CASE("a changed secret does not wait behind what is overdue") {
  Simulation run(test::Keys(1000), {.max_requests_per_second = 20});
  run.RunFor(20s);
  REQUIRE(run.schedule.EverAccepted(0));
  run.ChangeSecret(0);
  const std::size_t before = run.started.size();
  run.RunFor(1s);
  CHECK(std::any_of(run.started.begin() + static_cast<std::ptrdiff_t>(before), run.started.end(),
                    [](const auto& start) { return start.second.key == 0; }));
}

TEST_CASE("one host's cap does not slow another host's keys") {
  auto keys = test::Keys(400);
  keys.push_back(
      test::Key("other", [](scrape::ApiKey& key) { key.base_url = "https://eu.example.com/v4"; }));
  Simulation run(keys);
  run.RunFor(1s);
  CHECK(run.schedule.EverAccepted(400));
}

TEST_CASE("a request that takes longer than the interval never overlaps itself") {
  Simulation run(test::Keys(1, [](scrape::ApiKey& key) { key.scrape_interval = 1s; }));
  run.latency = 4s;
  run.RunFor(1min);
  const auto starts = run.StartsOf(kLimits);
  for (std::size_t i = 1; i < starts.size(); ++i) CHECK(starts[i] - starts[i - 1] >= 4s);
}

TEST_CASE("a cancelled request gives its place back") {
  Simulation run(test::Keys(1), {.max_in_flight = 2, .max_requests_per_second = 100});
  const std::vector<Task> first = run.schedule.TakeDue(run.now);
  REQUIRE(first.size() == 1);
  run.schedule.Cancel(first[0]);
  CHECK_FALSE(run.schedule.InFlight(first[0]));
  CHECK(run.schedule.TakeDue(run.now + 50ms).size() == 1);
}

TEST_CASE("1000 keys at one minute make the rounds that were asked for") {
  Simulation run(test::Keys(1000), {.max_in_flight = 64, .max_requests_per_second = 40});
  run.RunFor(10min);
  const std::size_t before = run.started.size();
  run.RunFor(1h);
  CHECK(run.started.size() - before == doctest::Approx(1000 * (120 + 4)).epsilon(0.01));
}
