#include "scrape/schedule/schedule.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>

#include "tests/unit/scrape/test_keys.h"

using namespace std::chrono_literals;
using scrape::Collector;
using scrape::Reason;
using scrape::Schedule;
using scrape::ScrapeError;
using scrape::SteadyTime;
using scrape::Task;
using scrape::Verdict;

namespace {

const ScrapeError kRejected{.reason = Reason::kUnauthorized, .verdict = Verdict::kRejected};
const ScrapeError kTimeout{.reason = Reason::kTimeout};
const ScrapeError kForbidden{.reason = Reason::kForbidden};
const ScrapeError kExhausted{.reason = Reason::kQuotaExhausted, .verdict = Verdict::kAccepted};

// Drives a schedule through simulated time, 50 ms at most a step; answers come back after
// `latency`.
struct Simulation {
  Simulation(const std::vector<std::shared_ptr<const scrape::ApiKey>>& keys,
             scrape::ScheduleCaps caps = {})
      : schedule(keys, caps, 42, now) {}

  // What a request meets; null for a success.
  std::function<const ScrapeError*(Task)> answer = [](Task) { return nullptr; };
  std::chrono::milliseconds latency = 150ms;

  void RunFor(std::chrono::milliseconds duration) {
    const SteadyTime end = now + duration;
    while (now < end) {
      for (const Task task : schedule.TakeDue(now)) {
        started.emplace_back(now, task);
        in_flight.emplace(now + latency, std::pair(now, task));
        peak = std::max(peak, in_flight.size());
      }
      SteadyTime next = std::min(end, std::max(schedule.NextWake(now), now + 1ms));
      if (!in_flight.empty()) next = std::min(next, in_flight.begin()->first);
      now = next;
      while (!in_flight.empty() && in_flight.begin()->first <= now) {
        const auto [at, task] = in_flight.begin()->second;
        in_flight.erase(in_flight.begin());
        schedule.Finish(task, at, now, answer(task));
        if (schedule.Stopped(task.key)) CancelAllOf(task.key);
      }
    }
  }

  // As the scraper does it for a key that was stopped.
  void CancelAllOf(std::size_t key) {
    for (auto entry = in_flight.begin(); entry != in_flight.end();) {
      const Task task = entry->second.second;
      if (task.key == key) schedule.Cancel(task);
      entry = task.key == key ? in_flight.erase(entry) : std::next(entry);
    }
  }

  std::vector<std::chrono::milliseconds> StartsOf(Task task) const {
    std::vector<std::chrono::milliseconds> starts;
    for (const auto& [at, one] : started) {
      if (one == task)
        starts.push_back(std::chrono::duration_cast<std::chrono::milliseconds>(at - begin));
    }
    return starts;
  }

  const SteadyTime begin{1'000'000s};
  SteadyTime now = begin;
  Schedule schedule;
  std::vector<std::pair<SteadyTime, Task>> started;
  std::multimap<SteadyTime, std::pair<SteadyTime, Task>> in_flight;
  std::size_t peak = 0;
};

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
    CHECK(limits[i] - limits[i - 1] >= 60s - 50ms);
    CHECK(limits[i] - limits[i - 1] <= 60s + 50ms);
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
  CHECK(run.schedule.NextAttempt(kInfo));
  CHECK_FALSE(run.schedule.NextAttempt(kLimits));
  run.RunFor(8min);
  CHECK(run.started.size() - before <= 4);
  run.answer = [](Task) { return nullptr; };
  run.RunFor(16min);
  CHECK_FALSE(run.schedule.Stopped(0));
  CHECK(run.schedule.NextAttempt(kLimits));
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
  run.RunFor(1s);
  CHECK(run.schedule.EverAccepted(0));
  CHECK(run.started.size() == 3);
}

TEST_CASE("a forbidden key waits 15 minutes, then an hour between attempts") {
  Simulation run(test::Keys(1));
  run.RunFor(10min);
  const std::size_t before = run.started.size();
  run.answer = [](Task) { return &kForbidden; };
  run.RunFor(5h);
  CHECK(run.started.size() - before <= 18);
  CHECK(run.started.size() - before >= 10);
  CHECK_FALSE(run.schedule.Stopped(0));
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
