#include "scrape/key_record.h"

#include <doctest/doctest.h>

#include <functional>
#include <utility>

#include "tests/unit/scrape/test_keys.h"

using namespace std::chrono_literals;
using scrape::Answer;
using scrape::Collector;
using scrape::CollectorState;
using scrape::IndexOf;
using scrape::KeyRecord;
using scrape::KeyState;
using scrape::Moment;
using scrape::Reason;
using scrape::Schedule;
using scrape::ScrapeError;
using scrape::SteadyTime;
using scrape::SystemTime;
using scrape::Verdict;

namespace {

const ScrapeError kRejected{.reason = Reason::kUnauthorized, .verdict = Verdict::kRejected};
const ScrapeError kServerError{.reason = Reason::kServerError};
const ScrapeError kExhausted{
    .reason = Reason::kQuotaExhausted, .verdict = Verdict::kAccepted, .api_code = 429000};
const ScrapeError kThrottled{
    .reason = Reason::kThrottled, .verdict = Verdict::kAccepted, .api_code = 429001};
const ScrapeError kTooManyConnections{.reason = Reason::kThrottled, .api_code = 429002};

Answer AnswerOf(Collector collector) {
  switch (collector) {
    case Collector::kInfo:
      return scrape::KeyInfo{};
    case Collector::kLimits:
      return scrape::Consumption{};
    case Collector::kStatus:
      return scrape::Remaining{};
    case Collector::kHistory:
      return scrape::ScanHistoryPage{};
  }
  return {};
}

// One key, its schedule and its record on a clock that the test moves.
struct Fixture {
  const SteadyTime begin{1'000'000s};
  Moment now{begin, SystemTime(1'700'000'000s)};
  std::vector<std::shared_ptr<const scrape::ApiKey>> keys = test::Keys(1);
  Schedule schedule{keys, {}, 1, begin};
  KeyRecord record{keys[0], schedule, 0};

  void Pass(std::chrono::milliseconds time) {
    now.steady += time;
    now.system += time;
  }

  // Starts whatever is due and lets `collector` end with `error`, or in success where it is null.
  void End(Collector collector, const ScrapeError* error) {
    Start(collector);
    schedule.Finish({0, collector}, now.steady, now.steady, error);
    if (error == nullptr) {
      record.Succeeded(collector, 0.2s, 0.1, AnswerOf(collector), now);
    } else {
      record.Failed(collector, 0.3s, *error, now);
    }
    record.FollowSchedule(now);
  }

  // A key has one request in flight at most: the schedule, but not the record, hears of a success
  // of what is due before.
  void Start(Collector collector) {
    while (now.steady < begin + 48h) {
      for (const scrape::Task task : schedule.TakeDue(now.steady)) {
        if (task.collector == collector) return;
        schedule.Finish(task, now.steady, now.steady, nullptr);
      }
      Pass(50ms);
    }
    FAIL("not asked within two days");
  }

  // A first round in which everything succeeds.
  void Proven() {
    for (const Collector collector : scrape::kCollectors) {
      if (Of(collector).enabled) End(collector, nullptr);
    }
  }

  std::shared_ptr<const KeyState> State() { return record.Published(); }
  const CollectorState& Of(Collector collector) { return State()->collectors[IndexOf(collector)]; }
};

}  // namespace

TEST_CASE("before the first attempt there is nothing but the plan") {
  Fixture f;
  CHECK_FALSE(f.State()->valid);
  CHECK_FALSE(f.Of(Collector::kInfo).attempted);
  CHECK_FALSE(f.Of(Collector::kLimits).paused);
  CHECK(f.Of(Collector::kInfo).interval == 15min);
  CHECK(f.Of(Collector::kStatus).interval == 1min);
}

TEST_CASE("a success is kept for three intervals, at least ten minutes") {
  Fixture f;
  f.Proven();
  CHECK(*f.State()->valid);
  CHECK(f.State()->limits != nullptr);
  CHECK(f.Of(Collector::kInfo).keep_until - f.begin >= 45min);
  CHECK(f.Of(Collector::kLimits).keep_until - f.begin >= 10min);
  CHECK(f.Of(Collector::kLimits).keep_until - f.begin < 11min);
  CHECK(f.Of(Collector::kLimits).api_response_time_seconds == 0.1);
  CHECK(f.Of(Collector::kLimits).next_attempt);
}

TEST_CASE("a failure keeps the last values and their deadline, validity and the time of success") {
  Fixture f;
  f.Proven();
  const CollectorState before = f.Of(Collector::kLimits);
  f.End(Collector::kLimits, &kServerError);
  const CollectorState& after = f.Of(Collector::kLimits);
  CHECK(after.failure == Reason::kServerError);
  CHECK(after.keep_until == before.keep_until);
  CHECK(after.last_success == before.last_success);
  CHECK(f.State()->limits != nullptr);
  CHECK(*f.State()->valid);
}

TEST_CASE("an exhausted quota keeps its values for 24 hours, not longer however often it is said") {
  Fixture f;
  f.Proven();
  const SteadyTime success = f.now.steady;
  f.End(Collector::kStatus, &kExhausted);
  const SteadyTime until = f.Of(Collector::kStatus).keep_until;
  CHECK(until == success + 24h);
  f.End(Collector::kStatus, &kExhausted);
  CHECK(f.Of(Collector::kStatus).keep_until == until);
  SUBCASE("and the usual time once something else goes wrong") {
    f.End(Collector::kStatus, &kServerError);
    CHECK(f.Of(Collector::kStatus).keep_until == f.now.steady + 10min);
    f.End(Collector::kStatus, &kExhausted);
    CHECK(f.Of(Collector::kStatus).keep_until == until);
  }
}

TEST_CASE("values that are gone do not come back because the quota is exhausted") {
  Fixture f;
  f.Proven();
  f.End(Collector::kStatus, &kServerError);
  f.Pass(1h);
  f.End(Collector::kStatus, &kExhausted);
  CHECK(f.Of(Collector::kStatus).keep_until < f.now.steady);
}

TEST_CASE("a proxy's 429 keeps nothing longer than other failures do") {
  Fixture f;
  f.Proven();
  const SteadyTime until = f.Of(Collector::kStatus).keep_until;
  const ScrapeError of_a_proxy{.reason = Reason::kThrottled, .http_status = 429};
  f.End(Collector::kStatus, &of_a_proxy);
  CHECK(f.Of(Collector::kStatus).keep_until == until);
}

TEST_CASE("what explains a rejection stays when the key is throttled, too") {
  Fixture f;
  f.Proven();
  f.End(Collector::kLimits, &kRejected);
  REQUIRE(f.Of(Collector::kInfo).keep_until == SteadyTime::max());
  const ScrapeError of_a_proxy{.reason = Reason::kThrottled, .http_status = 429};
  f.End(Collector::kInfo, &of_a_proxy);
  CHECK(f.State()->stopped);
  CHECK(f.Of(Collector::kInfo).keep_until == SteadyTime::max());
}

TEST_CASE("throttled tells of 429001 only, until the collector gets through again") {
  Fixture f;
  f.Proven();
  f.End(Collector::kStatus, &kTooManyConnections);
  CHECK_FALSE(f.State()->throttled);
  f.End(Collector::kStatus, &kThrottled);
  CHECK(f.State()->throttled);
  f.End(Collector::kLimits, nullptr);
  CHECK(f.State()->throttled);
  f.End(Collector::kStatus, nullptr);
  CHECK_FALSE(f.State()->throttled);
}

TEST_CASE("a rejected key loses its quota at once and keeps what explains it") {
  Fixture f;
  f.Proven();
  f.End(Collector::kStatus, &kServerError);
  f.End(Collector::kLimits, &kRejected);
  CHECK(f.State()->stopped);
  CHECK_FALSE(*f.State()->valid);
  CHECK(f.State()->limits == nullptr);
  CHECK(f.State()->status == nullptr);
  CHECK(f.State()->info != nullptr);
  CHECK(f.Of(Collector::kInfo).keep_until == SteadyTime::max());
  CHECK(f.Of(Collector::kLimits).failure == Reason::kUnauthorized);
  CHECK_FALSE(f.Of(Collector::kLimits).paused);
  CHECK(f.Of(Collector::kStatus).paused);
  CHECK_FALSE(f.Of(Collector::kStatus).failure);
  CHECK(f.Of(Collector::kInfo).paused);
  CHECK(f.Of(Collector::kInfo).next_attempt);
  CHECK_FALSE(f.Of(Collector::kStatus).next_attempt);
  SUBCASE("and comes back when it is accepted") {
    f.End(Collector::kInfo, nullptr);
    CHECK_FALSE(f.State()->stopped);
    CHECK(*f.State()->valid);
    CHECK(f.Of(Collector::kInfo).keep_until < SteadyTime::max());
    CHECK(f.Of(Collector::kStatus).paused);  // until it was asked
    f.End(Collector::kStatus, nullptr);
    CHECK_FALSE(f.Of(Collector::kStatus).paused);
  }
}

TEST_CASE("a rejection without a known code stops the key and leaves its validity as it was") {
  Fixture f;
  f.Proven();
  const ScrapeError unnamed{.reason = Reason::kServerError, .verdict = Verdict::kRejectedUnnamed};
  f.End(Collector::kStatus, &unnamed);
  CHECK(f.State()->stopped);
  CHECK(*f.State()->valid);
  CHECK(f.Of(Collector::kStatus).failure == Reason::kServerError);
  CHECK_FALSE(f.Of(Collector::kStatus).paused);
  CHECK(f.Of(Collector::kLimits).paused);
}

TEST_CASE("while a key was never accepted its other collectors are paused") {
  Fixture f;
  f.End(Collector::kInfo, &kServerError);
  CHECK_FALSE(f.State()->valid);
  CHECK(f.Of(Collector::kInfo).failure == Reason::kServerError);
  CHECK(f.Of(Collector::kLimits).paused);
  CHECK(f.Of(Collector::kStatus).paused);
  f.End(Collector::kLimits, nullptr);
  CHECK_FALSE(f.Of(Collector::kLimits).paused);
  CHECK_FALSE(f.Of(Collector::kStatus).paused);
}

TEST_CASE("a refused key holds its other collectors back") {
  Fixture f;
  const ScrapeError no_certificate{.reason = Reason::kMtlsRequired, .verdict = Verdict::kAccepted};
  f.End(Collector::kInfo, &no_certificate);
  CHECK_FALSE(f.State()->stopped);
  CHECK(f.Of(Collector::kLimits).paused);
  CHECK(f.Of(Collector::kLimits).next_attempt);
  f.Pass(15min);
  f.End(Collector::kLimits, nullptr);
  CHECK_FALSE(f.Of(Collector::kLimits).paused);
}

TEST_CASE("an unchanged state is published as the same object") {
  Fixture f;
  f.Proven();
  const auto first = f.State();
  CHECK(f.State() == first);
  f.End(Collector::kLimits, nullptr);
  CHECK(f.State() != first);
}

TEST_CASE(
    "after the service rejected everybody nothing counts as a success before it is asked again") {
  SteadyTime now{1'000'000s};
  const auto keys = test::Keys(3);
  Schedule schedule(keys, {}, 1, now);
  KeyRecord record(keys[0], schedule, 0);
  const ScrapeError* everybody = nullptr;  // what the service answers to all
  bool asked_since_lifted = false;
  // Every answer comes at once. Stops as soon as `done` holds.
  const auto run_until = [&](const std::function<bool()>& done) {
    for (const SteadyTime end = now + 5h; now < end && !done(); now += 50ms) {
      const Moment moment{now, SystemTime(1'700'000'000s)};
      for (const scrape::Task& task : schedule.TakeDue(now)) {
        const bool failing = task.key == 0 && task.collector == Collector::kStatus;
        const ScrapeError* error = everybody == nullptr && failing ? &kServerError : everybody;
        schedule.Finish(task, now, now, error);
        if (task.key != 0) continue;
        if (failing) asked_since_lifted = true;
        if (error == nullptr) {
          record.Succeeded(task.collector, 0.1s, 0.1, AnswerOf(task.collector), moment);
        } else {
          record.Failed(task.collector, 0.1s, *error, moment);
        }
      }
      record.FollowSchedule(moment);
    }
    return done();
  };
  const auto status = [&] { return record.Published()->collectors[IndexOf(Collector::kStatus)]; };
  REQUIRE(run_until([&] {
    return status().failure == Reason::kServerError && schedule.EverAccepted(1) &&
           schedule.EverAccepted(2);
  }));
  everybody = &kRejected;
  REQUIRE(run_until([&] { return schedule.HostPaused(0); }));
  everybody = nullptr;
  REQUIRE(run_until([&] { return !schedule.HostPaused(0); }));
  asked_since_lifted = false;
  CHECK_FALSE(record.Published()->stopped);
  CHECK((status().paused || status().failure));
  REQUIRE(run_until([&] { return asked_since_lifted; }));
  CHECK(status().failure == Reason::kServerError);
}
