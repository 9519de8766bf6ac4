// The real schedule in simulated days against a service that blocks an address which sends five
// rejected requests within an hour. Prints what it measured.

#include <doctest/doctest.h>

#include <algorithm>
#include <deque>
#include <random>
#include <set>
#include <string>

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

constexpr std::size_t kKeys = 500;
constexpr std::size_t kBlockedAt = 5;

const ScrapeError kRejected{.reason = Reason::kUnauthorized, .verdict = Verdict::kRejected};
const ScrapeError kBlocked{.reason = Reason::kIpBlocked, .api_code = 403002};
const ScrapeError kServerError{.reason = Reason::kServerError};
const ScrapeError kTimeout{.reason = Reason::kTimeout};

// The service, as it treats one address.
class Service {
 public:
  explicit Service(const Simulation& run) : run_(run) {}

  std::set<std::size_t> wrong;  // keys
  bool rejects_everybody = false;
  bool times_out = false;

  const ScrapeError* Answer(Task task) {
    if (run_.now < blocked_until_) return &kBlocked;
    if (times_out) return &kTimeout;
    if (!rejects_everybody && !wrong.contains(task.key)) {
      if (task.key >= accepted_after_.size())
        accepted_after_.resize(task.key + 1, SteadyTime::max());
      accepted_after_[task.key] = std::min(accepted_after_[task.key], run_.now);
      return nullptr;
    }
    rejections_.push_back(run_.now);
    ++rejected_;
    while (rejections_.front() + 1h <= run_.now) rejections_.pop_front();
    worst_hour_ = std::max(worst_hour_, rejections_.size());
    if (rejections_.size() >= kBlockedAt) {
      blocked_until_ = run_.now + 1h;
      ++blocks_;
    }
    return &kRejected;
  }

  [[nodiscard]] std::size_t WorstHour() const { return worst_hour_; }
  [[nodiscard]] int Blocks() const { return blocks_; }
  [[nodiscard]] int Rejected() const { return rejected_; }
  // From the start to the first success of the good key that waited longest.
  [[nodiscard]] std::chrono::seconds LongestWait() const {
    SteadyTime last = run_.begin;
    for (std::size_t key = 0; key < kKeys; ++key) {
      if (!wrong.contains(key)) last = std::max(last, accepted_after_.at(key));
    }
    return std::chrono::duration_cast<std::chrono::seconds>(last - run_.begin);
  }

 private:
  const Simulation& run_;
  std::deque<SteadyTime> rejections_;  // of the last hour
  std::size_t worst_hour_ = 0;
  int rejected_ = 0;
  int blocks_ = 0;
  SteadyTime blocked_until_{};
  std::vector<SteadyTime> accepted_after_;
};

// The schedule of 500 keys against a Service.
struct Day {
  explicit Day(std::uint64_t seed = 42, std::chrono::milliseconds interval = 15min)
      : run(test::Keys(kKeys, [interval](scrape::ApiKey& key) { key.scrape_interval = interval; }),
            {.max_in_flight = 64, .max_requests_per_second = 20}, seed),
        service(run) {
    run.answer = [this](Task task) { return service.Answer(task); };
    run.on_start = [this](Task task) {
      ++requests[task];
      const auto second = std::chrono::floor<std::chrono::seconds>(run.now - run.begin).count();
      if (per_second.size() <= static_cast<std::size_t>(second)) {
        per_second.resize(static_cast<std::size_t>(second) + 1);
      }
      ++per_second[static_cast<std::size_t>(second)];
    };
  }

  // Requests per second, the highest of any ten seconds since `from`.
  [[nodiscard]] double PeakRate(std::chrono::seconds from) const {
    constexpr std::size_t kSeconds = 10;
    double peak = 0;
    for (auto at = static_cast<std::size_t>(from.count()); at + kSeconds <= per_second.size();
         ++at) {
      int sum = 0;
      for (std::size_t i = 0; i < kSeconds; ++i) sum += per_second[at + i];
      peak = std::max(peak, static_cast<double>(sum) / kSeconds);
    }
    return peak;
  }

  Simulation run;
  Service service;
  std::map<Task, int> requests;
  std::vector<int> per_second;
};

// At an interval of a minute.
void CheckGoodKeysGoOn(Day& day) {
  day.requests.clear();
  day.run.RunFor(10min);
  for (std::size_t key = 0; key < kKeys; ++key) {
    if (!day.service.wrong.contains(key)) CHECK(day.requests[{key, Collector::kLimits}] >= 9);
  }
}

std::set<std::size_t> WrongKeys(std::size_t count, bool in_a_block, std::uint64_t seed) {
  std::set<std::size_t> wrong;
  std::mt19937_64 random(seed);
  while (wrong.size() < count) {
    wrong.insert(in_a_block ? kKeys - 1 - wrong.size()
                            : std::uniform_int_distribution<std::size_t>(0, kKeys - 1)(random));
  }
  return wrong;
}

}  // namespace

TEST_CASE(
    "wrong keys among 500 never get the address blocked, and good ones do not wait for long") {
  for (const std::size_t count : {std::size_t{1}, std::size_t{20}}) {
    for (const bool in_a_block : {false, true}) {
      for (const auto latency : {150ms, 1000ms, 3000ms}) {
        Day day;
        day.run.latency = latency;
        day.service.wrong = WrongKeys(count, in_a_block, 7);
        day.run.RunFor(48h);
        MESSAGE(count, std::string(in_a_block ? " wrong at the end" : " wrong anywhere"),
                ", answers of ", latency.count(), " ms: ", day.service.WorstHour(),
                " rejected in the worst hour, ", day.service.Rejected(),
                " in two days; all good keys accepted after ", day.service.LongestWait().count(),
                " s");
        CHECK(day.service.WorstHour() <= 4);
        CHECK(day.service.Blocks() == 0);
        // Four wrong keys an hour are found out; those at the end hold up nobody.
        CHECK(day.service.LongestWait() < (in_a_block || count == 1 ? 10min : 5h + 10min));
        for (std::size_t key = 0; key < kKeys; ++key) {
          CHECK(day.run.schedule.Stopped(key) == day.service.wrong.contains(key));
        }
      }
    }
  }
}

TEST_CASE("keys that are new are found out within the budget, changed secrets at once") {
  Day day;
  day.service.wrong = WrongKeys(20, false, 7);
  day.run.RunFor(10h);
  const int rejected = day.service.Rejected();
  // All 20 get another secret, wrong again, in the same minute; two of them may go beyond.
  for (const std::size_t key : day.service.wrong) {
    day.run.ChangeSecret(key);
    day.run.RunFor(1s);
  }
  day.run.RunFor(59min);
  CHECK(day.service.Rejected() - rejected >= 2);
  CHECK(day.service.Rejected() - rejected <= 6);
  // And one of them a right one: it is asked before all that wait.
  const std::size_t mended = *day.service.wrong.rbegin();
  day.run.RunFor(2h);
  day.service.wrong.erase(mended);
  day.run.ChangeSecret(mended);
  day.run.RunFor(61min);
  CHECK(day.run.schedule.EverAccepted(mended));
}

TEST_CASE("after an hour's outage the rate stays below twice the usual one") {
  Day day(42, 1min);
  day.run.RunFor(30min);
  const double usual = 500 * (2 / 60.0 + 1 / 900.0);
  CHECK(day.PeakRate(5min) < 1.3 * usual);
  day.service.times_out = true;
  day.run.latency = 10s;
  day.run.RunFor(1h);
  const double during = day.PeakRate(60min);
  day.service.times_out = false;
  day.run.latency = 150ms;
  day.run.RunFor(1h);
  const double after = day.PeakRate(90min);
  MESSAGE("usual ", usual, " requests per second, highest in the second half of the outage ",
          during, ", after it ", after);
  CHECK(during < usual / 2);
  CHECK(after <= 2 * usual);
  for (std::size_t key = 0; key < kKeys; ++key) {
    const auto next = day.run.schedule.NextAttempt({key, Collector::kLimits}, day.run.now);
    if (next) CHECK(*next <= day.run.now + 1min);
  }
}

TEST_CASE("every key is asked as often as its intervals say, and no more") {
  Day day(42, 1min);
  day.run.RunFor(30min);
  day.requests.clear();
  day.run.RunFor(3h);
  int fewest = 1000;
  int most = 0;
  for (std::size_t key = 0; key < kKeys; ++key) {
    for (const Collector collector : {Collector::kLimits, Collector::kStatus}) {
      fewest = std::min(fewest, day.requests[{key, collector}]);
      most = std::max(most, day.requests[{key, collector}]);
    }
    CHECK(day.requests[{key, Collector::kInfo}] == 12);
  }
  MESSAGE("requests of limits and status per key in 3 hours: ", fewest, " to ", most);
  CHECK(fewest >= 179);
  CHECK(most <= 181);
}

TEST_CASE("a service that rejects everybody is left alone, and all keys go on when it recovers") {
  Day day(42, 1min);
  day.run.RunFor(30min);
  day.service.rejects_everybody = true;
  day.run.RunFor(6h);
  MESSAGE("a service that rejects everybody: ", day.service.Rejected(),
          " rejected requests in 6 hours, ", day.service.WorstHour(), " in the worst hour");
  // With slower answers, what is under way when the third key is rejected comes to it.
  CHECK(day.service.WorstHour() <= 4);
  CHECK(day.service.Blocks() == 0);
  CHECK(day.run.schedule.HostPaused(0));
  day.service.rejects_everybody = false;
  const auto from = std::chrono::ceil<std::chrono::seconds>(day.run.now - day.run.begin);
  day.run.RunFor(2h);
  CHECK_FALSE(day.run.schedule.HostPaused(0));
  for (std::size_t key = 0; key < kKeys; ++key) CHECK_FALSE(day.run.schedule.Stopped(key));
  CHECK(day.PeakRate(from) <= 2 * 500 * (2 / 60.0 + 1 / 900.0));
}

TEST_CASE("withdrawn keys are told from the rest although an endpoint fails for everybody") {
  Day day(42, 1min);
  bool info_fails = true;
  day.run.answer = [&](Task task) -> const ScrapeError* {
    if (task.collector == Collector::kInfo && info_fails) return &kServerError;
    return day.service.Answer(task);
  };
  day.run.RunFor(30min);
  day.service.wrong = WrongKeys(3, false, 3);
  day.run.RunFor(2h);
  CHECK_FALSE(day.run.schedule.HostPaused(0));
  CheckGoodKeysGoOn(day);
}

TEST_CASE("a host that answers no question is not paused for rejecting everybody") {
  Day day(42, 1min);
  day.run.RunFor(30min);
  day.service.wrong = WrongKeys(3, false, 3);
  day.run.RunFor(59s);  // the third rejection is near
  day.service.times_out = true;
  day.run.RunFor(10min);
  CHECK_FALSE(day.run.schedule.HostPaused(0));
  day.service.times_out = false;
  day.run.RunFor(1h);
  CheckGoodKeysGoOn(day);
}

TEST_CASE("keys that one endpoint rejects and another accepts stay within the budget") {
  Day day(42, 15min);
  day.service.wrong = WrongKeys(20, false, 7);
  day.run.answer = [&](Task task) -> const ScrapeError* {
    return task.collector == Collector::kLimits ? day.service.Answer(task) : nullptr;
  };
  day.run.RunFor(4h);
  const int found_out = day.service.Rejected();
  day.run.RunFor(24h);
  MESSAGE("20 keys that one endpoint rejects: ", found_out, " rejected in the first 4 hours, ",
          day.service.Rejected() - found_out, " in the next 24");
  CHECK(day.service.Rejected() - found_out <= 24 * 4);
}

TEST_CASE("replaced secrets end the hold of a host whose keys were all rejected") {
  Simulation run(test::Keys(3));
  run.RunFor(10min);
  run.answer = [](Task) { return &kRejected; };
  run.RunFor(2h);
  CHECK(run.schedule.HostPaused(0));
  run.answer = [](Task) { return nullptr; };
  for (std::size_t key = 0; key < 3; ++key) run.ChangeSecret(key);
  run.RunFor(1min);
  CHECK_FALSE(run.schedule.HostPaused(0));
  for (std::size_t key = 0; key < 3; ++key) CHECK(run.schedule.EverAccepted(key));
}

TEST_CASE("keys that are withdrawn together do not stop the others") {
  Day day(42, 1min);
  day.run.RunFor(30min);
  day.service.wrong = WrongKeys(3, false, 3);
  day.run.RunFor(1h);
  CHECK(day.service.Blocks() == 0);
  CHECK_FALSE(day.run.schedule.HostPaused(0));
  for (std::size_t key = 0; key < kKeys; ++key) {
    CHECK(day.run.schedule.Stopped(key) == day.service.wrong.contains(key));
  }
}

TEST_CASE("a blocked address is left alone for an hour, then the keys go on at their usual rate") {
  Day day(42, 1min);
  day.run.RunFor(30min);
  day.run.answer = [](Task) { return &kBlocked; };
  day.run.RunFor(1s);
  CHECK(day.run.schedule.HostPaused(0));
  day.run.answer = [](Task) { return nullptr; };
  day.run.RunFor(59min);
  const auto quiet = day.per_second;
  CHECK(quiet.size() <= 30 * 60 + 2);
  day.run.RunFor(1h);
  CHECK(day.PeakRate(61min) <= 2 * 500 * (2 / 60.0 + 1 / 900.0));
  for (std::size_t key = 0; key < kKeys; ++key) {
    CHECK(day.requests[{key, Collector::kLimits}] >= 30 + 57);
  }
}
