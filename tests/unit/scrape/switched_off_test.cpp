// What an answer means that comes when its collector has been switched off meanwhile.
#include <doctest/doctest.h>

#include <chrono>

#include "tests/unit/scrape/changing_keys.h"
#include "tests/unit/scrape/test_keys.h"

using namespace std::chrono_literals;
using scrape::ApiKey;
using scrape::Collector;
using scrape::KeyTable;
using scrape::Reason;
using scrape::ScrapeError;
using scrape::Task;
using scrape::Verdict;
using test::Changing;

namespace {

const ScrapeError kRejected{.reason = Reason::kUnauthorized, .verdict = Verdict::kRejected};
const ScrapeError kForbidden{.reason = Reason::kForbidden, .verdict = Verdict::kAccepted};
const ScrapeError kTimeout{.reason = Reason::kTimeout};
constexpr Task kInfo{0, Collector::kInfo};
constexpr Task kLimits{0, Collector::kLimits};

KeyTable::Keys With(scrape::CollectorSet collectors, int count = 1) {
  return test::Keys(count, [&](ApiKey& key) { key.collectors = collectors; });
}

// Its answer is under way, and will be `error`, when /limits is switched off.
void MeetWhileSwitchedOff(Changing& run, const ScrapeError& error) {
  run.RunFor(20min);
  run.latency = 3s;
  run.answer = [&error](Task task) { return task == kLimits ? &error : nullptr; };
  while (!run.schedule.InFlight(kLimits)) run.RunFor(1s);
  run.Replace(With({true, false, true}));
  run.RunFor(3s);
  run.answer = [](Task) { return nullptr; };
  run.latency = 150ms;
}

std::chrono::milliseconds UntilAskedAgain(const Changing& run) {
  return std::chrono::ceil<std::chrono::milliseconds>(*run.schedule.NextAttempt(kInfo, run.now) -
                                                      run.now);
}

}  // namespace

TEST_CASE("it stops the key, and the next rejection after an acceptance is a first one again") {
  Changing run(With({true, true, true}));
  MeetWhileSwitchedOff(run, kRejected);
  REQUIRE(run.schedule.Stopped(0));
  run.RunFor(3min);
  REQUIRE_FALSE(run.schedule.Stopped(0));
  run.answer = [](Task) { return &kRejected; };
  while (!run.schedule.Stopped(0)) run.RunFor(100ms);
  CHECK(UntilAskedAgain(run) <= 1min);
}

TEST_CASE("it holds the key back, and the next refusal after a success is a first one again") {
  Changing run(With({true, true, true}));
  MeetWhileSwitchedOff(run, kForbidden);
  REQUIRE(run.schedule.HeldBack(0, run.now));
  run.RunFor(1h);
  REQUIRE_FALSE(run.schedule.HeldBack(0, run.now));
  run.answer = [](Task) { return &kForbidden; };
  while (!run.schedule.HeldBack(0, run.now)) run.RunFor(100ms);
  CHECK(UntilAskedAgain(run) <= 15min + 1s);
}

TEST_CASE("a collector that is switched off is not what a host is asked with that rejects keys") {
  Changing run(With({false, true, false}, 5));
  run.RunFor(20min);
  run.Replace(With({true, false, false}, 5));
  const std::size_t before = run.started.size();
  run.answer = [](Task task) { return task.key < 3 ? &kRejected : &kTimeout; };
  run.latency = 10ms;  // so that three are rejected before the others are asked
  run.RunFor(1s);
  REQUIRE(run.schedule.HostHeld(0));
  CHECK(run.started.size() > before + 3);  // a question, at least
  for (std::size_t i = before; i < run.started.size(); ++i) {
    CHECK(run.started[i].second.collector == Collector::kInfo);
  }
}
