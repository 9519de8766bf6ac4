// A collector that needs several requests for one round: what the schedule makes of it.

#include <doctest/doctest.h>

#include <algorithm>
#include <map>

#include "schedule_simulation.h"
#include "test_keys.h"

using namespace std::chrono_literals;
using scrape::Collector;
using scrape::Reason;
using scrape::ScrapeError;
using scrape::SteadyTime;
using scrape::Task;
using scrape::Verdict;

namespace {

constexpr Task kInfo{0, Collector::kInfo};
constexpr Task kLimits{0, Collector::kLimits};
constexpr Task kHistory{0, Collector::kHistory};

// Every round of history has so many pages.
struct PagedRun : test::Simulation {
  PagedRun(int keys, int pages, scrape::ScheduleCaps caps = {})
      : Simulation(test::Keys(keys,
                              [](scrape::ApiKey& key) {
                                key.collectors = {true, true, true, true};
                              }),
                   caps) {
    goes_on = [pages, asked = std::map<std::size_t, int>()](Task task) mutable {
      if (task.collector != Collector::kHistory) return false;
      if (++asked[task.key] < pages) return true;
      asked[task.key] = 0;
      return false;
    };
  }
};

}  // namespace

TEST_CASE("the pages of a round follow each other, and the next round keeps the interval") {
  PagedRun run(1, 4);
  run.RunFor(1h);
  const auto history = run.StartsOf(kHistory);
  REQUIRE(history.size() >= 12 * 4);
  CHECK(history.size() <= 14 * 4);
  CHECK(history.size() % 4 == 0);
  for (std::size_t i = 8; i + 4 <= history.size(); i += 4) {
    CHECK(history[i + 3] - history[i] < 2s);
    CHECK(history[i] - history[i - 4] >= 5min - 2s);
    CHECK(history[i] - history[i - 4] <= 5min + 2s);
  }
}

TEST_CASE("what else is due of the key is asked between the pages") {
  PagedRun run(1, 1000);
  run.RunFor(2min);
  CHECK(run.StartsOf(kLimits).size() >= 2);
  CHECK(run.StartsOf(kHistory).size() > 300);
}

TEST_CASE("pages are below the cap per second") {
  PagedRun run(20, 10, {.max_requests_per_second = 5});
  run.RunFor(1min);
  CHECK(run.started.size() <= 5 * 60 + 5);
  CHECK(run.started.size() >= 4 * 60);
}

TEST_CASE("a probe waits for the last page") {
  PagedRun run(1, 4);
  run.RunFor(1min);
  const SteadyTime since = run.now;
  run.schedule.Hurry(0, run.now);
  const std::size_t before = run.StartsOf(kHistory).size();
  while (run.schedule.Pending(0, since, run.now) && run.now < since + 30s) run.RunFor(50ms);
  CHECK(run.StartsOf(kHistory).size() == before + 4);
  CHECK_FALSE(run.schedule.InFlight(kHistory));
}

TEST_CASE("in a single round every page is asked for, once") {
  PagedRun run(1, 4, {.one_round = true});
  run.RunFor(1h);
  CHECK(run.StartsOf(kHistory).size() == 4);
  CHECK(run.StartsOf(kInfo).size() == 1);
}

TEST_CASE("pages that are answered do not shorten the pauses after failures") {
  static const ScrapeError kFails{.reason = Reason::kServerError};
  PagedRun run(1, 3);
  run.goes_on = [](Task task) { return task.collector == Collector::kHistory; };
  int pages = 0;
  run.answer = [&pages](Task task) -> const ScrapeError* {
    if (task.collector != Collector::kHistory) return nullptr;
    return ++pages % 2 == 0 ? &kFails : nullptr;  // every second page
  };
  run.RunFor(24h);
  // A minute and up to 15 more between attempts of two pages each.
  CHECK(run.StartsOf(kHistory).size() < 2 * 24 * 60 / 4);
}

TEST_CASE("a key that is rejected within a round is stopped as any other") {
  static const ScrapeError kRejected{.reason = Reason::kUnauthorized,
                                     .verdict = Verdict::kRejected};
  PagedRun run(1, 10);
  int pages = 0;
  run.answer = [&pages](Task task) -> const ScrapeError* {
    return task.collector == Collector::kHistory && ++pages > 5 ? &kRejected : nullptr;
  };
  run.RunFor(20s);
  CHECK(run.schedule.Stopped(0));
  CHECK(run.StartsOf(kHistory).size() == 6);
}
