// What a probe brings forward, and when it has its answers: scrape/probes and Schedule::Hurry.

#include "scrape/probes.h"

#include <doctest/doctest.h>

#include <optional>

#include "tests/unit/scrape/schedule_simulation.h"
#include "tests/unit/scrape/test_keys.h"

using namespace std::chrono_literals;
using scrape::Collector;
using scrape::Reason;
using scrape::ScrapeError;
using scrape::SteadyTime;
using scrape::Task;
using scrape::Verdict;
using test::Simulation;

namespace {

const ScrapeError kRejected{.reason = Reason::kUnauthorized, .verdict = Verdict::kRejected};
const ScrapeError kTimeout{.reason = Reason::kTimeout};
const ScrapeError kForbidden{.reason = Reason::kForbidden};
const ScrapeError kBlocked{.reason = Reason::kIpBlocked};

std::size_t StartedSince(const Simulation& run, SteadyTime since, std::size_t key = 0) {
  return static_cast<std::size_t>(std::ranges::count_if(
      run.started, [&](const auto& one) { return one.first >= since && one.second.key == key; }));
}

// How long a probe of the key takes to get its answers.
std::chrono::milliseconds Probe(Simulation& run, std::size_t key = 0) {
  const SteadyTime since = run.now;
  run.schedule.Hurry(key, since);
  while (run.schedule.Pending(key, since, run.now) && run.now < since + 1min) run.RunFor(10ms);
  return std::chrono::duration_cast<std::chrono::milliseconds>(run.now - since);
}

}  // namespace

TEST_CASE("a probe asks every collector, one after the other, and then has its answers") {
  Simulation run(test::Keys(1));
  run.RunFor(10s);
  const SteadyTime since = run.now;
  CHECK(Probe(run) >= 450ms);
  CHECK(run.now - since <= 700ms);
  CHECK(StartedSince(run, since) == 3);
}

TEST_CASE("a key that was never asked is asked through by the first probe") {
  Simulation run(test::Keys(1));
  CHECK(Probe(run) >= 450ms);
  CHECK(run.started.size() == 3);
}

TEST_CASE("data younger than 5 s is not asked for again, and probes at one time share it") {
  Simulation run(test::Keys(1));
  run.RunFor(10s);
  const SteadyTime since = run.now;
  static_cast<void>(Probe(run));
  run.RunFor(4s);
  CHECK(Probe(run) == 0ms);
  CHECK(StartedSince(run, since) == 3);
  run.RunFor(1s);
  run.schedule.Hurry(0, run.now);
  run.RunFor(50ms);
  CHECK(Probe(run) > 0ms);  // while the other one is under way
  CHECK(StartedSince(run, since) == 6);
}

TEST_CASE("probes without end are three requests of the key every 5 s, and hold up no other key") {
  Simulation run(test::Keys(40), {.max_in_flight = 64, .max_requests_per_second = 10});
  run.RunFor(1min);
  const SteadyTime since = run.now;
  while (run.now < since + 5min) {
    run.schedule.Hurry(0, run.now);
    run.RunFor(100ms);
  }
  const std::size_t of_probed = StartedSince(run, since);
  CHECK(of_probed >= 100);
  CHECK(of_probed <= 180);
  for (std::size_t key = 1; key < 40; ++key) {
    const std::size_t of_other = StartedSince(run, since, key);
    CHECK(of_other >= 9);  // limits and status each minute
    CHECK(of_other <= 13);
  }
}

TEST_CASE("all keys probed at once wait for the cap, each in its turn") {
  Simulation run(test::Keys(100), {.max_in_flight = 64, .max_requests_per_second = 20});
  run.RunFor(2min);
  const SteadyTime since = run.now;
  for (std::size_t key = 0; key < 100; ++key) run.schedule.Hurry(key, run.now);
  run.RunFor(16s);  // 300 requests
  for (std::size_t key = 0; key < 100; ++key) {
    CHECK_FALSE(run.schedule.Pending(key, since, run.now));
    CHECK(StartedSince(run, since, key) >= 1);  // of some a part was fresh
  }
}

TEST_CASE(
    "nothing is asked of a key that is stopped, refused or failing, or whose host is paused") {
  for (const ScrapeError& met : {kTimeout, kForbidden, kRejected, kBlocked}) {
    CAPTURE(NameOf(met.reason));
    const ScrapeError* error = nullptr;
    Simulation run(test::Keys(2));
    run.answer = [&](Task task) { return task.key == 0 ? error : nullptr; };
    run.RunFor(10s);
    error = &met;
    run.RunFor(17min);  // every collector that is still asked has met it
    const SteadyTime since = run.now;
    CHECK(Probe(run) <= 200ms);
    CHECK(StartedSince(run, since) <= 1);  // that was due by itself
    const bool blocked = met.reason == Reason::kIpBlocked;
    CHECK(run.schedule.HostPaused(1) == blocked);
    CHECK((Probe(run, 1) == 0ms) == blocked);
  }
}

TEST_CASE("probes of new keys keep to the budget of rejected requests") {
  Simulation run(test::Keys(50));
  run.answer = [](Task) { return &kRejected; };
  for (int i = 0; i < 600; ++i) {
    for (std::size_t key = 0; key < 50; ++key) run.schedule.Hurry(key, run.now);
    run.RunFor(100ms);
  }
  CHECK(run.started.size() <= 4);
}

TEST_CASE("a probe is answered when its time is up, or when there is no such key") {
  const auto keys = test::Keys(2);
  scrape::Schedule schedule(keys, {}, 1, SteadyTime(1h));
  scrape::KeyTable table(keys, schedule);
  scrape::Probes probes(schedule, table);
  std::vector<std::string> answers;
  const auto ask = [&](const std::string& key, std::chrono::milliseconds within) {
    probes.Ask({.key = key,
                .until = SteadyTime(1h + within),
                .done = [&answers](const std::shared_ptr<const scrape::KeyState>& state) {
                  answers.push_back(state ? state->key->name : "none");
                }});
  };
  CHECK_FALSE(probes.Begin({SteadyTime(1h), {}}));
  CHECK(probes.NextDeadline() == SteadyTime::max());
  ask("key-00000", 9s);
  ask("key-00001", 5s);
  ask("no such", 5s);
  CHECK(probes.Begin({SteadyTime(1h), {}}));
  CHECK(probes.NextDeadline() == SteadyTime(1h + 5s));
  probes.Answer({SteadyTime(1h), {}});
  CHECK(answers == std::vector<std::string>{"none"});
  probes.Answer({SteadyTime(1h + 5s), {}});
  CHECK(answers == std::vector<std::string>{"none", "key-00001"});
  CHECK(probes.NextDeadline() == SteadyTime(1h + 9s));
  probes.Close();
  ask("key-00000", 9s);
  CHECK_FALSE(probes.Begin({SteadyTime(1h), {}}));
  CHECK(answers.size() == 2);
}
