// Whatever the traffic, the outages and the replicas: consumption is never counted twice, what is
// missed is within the bound of docs/metrics.md, and the window ends when it is said to.

#include <doctest/doctest.h>

#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "tests/unit/scrape/quota_trial.h"

using namespace std::chrono_literals;
using scrape::WindowLength;
using test::Outcome;
using test::Scenario;
using test::Traffic;

namespace {

constexpr int kSeeds = 3;

std::uint64_t FirstSeed() {
  const char* const given = std::getenv("MDCLOUD_TEST_SEED");  // NOLINT(concurrency-mt-unsafe)
  return given != nullptr ? std::stoull(given) : std::random_device()();
}

std::vector<Scenario> Scenarios() {
  const WindowLength calendar{.kind = WindowLength::Kind::kCalendarMonth};
  std::vector<Scenario> scenarios;
  for (const Traffic traffic : {Traffic::kBusy, Traffic::kOffice, Traffic::kBatches}) {
    const std::string name = traffic == Traffic::kBusy     ? "busy"
                             : traffic == Traffic::kOffice ? "office"
                                                           : "batches";
    scenarios.push_back({.name = name, .traffic = traffic});
    scenarios.push_back({.name = name + ", outages", .traffic = traffic, .outages = true});
    scenarios.push_back({.name = name + ", replicas", .traffic = traffic, .replicas = true});
    scenarios.push_back({.name = name + ", clock steps", .traffic = traffic, .clock_steps = true});
  }
  scenarios.push_back({.name = "restarts", .traffic = Traffic::kOffice, .restarts = true});
  scenarios.push_back({.name = "licence changes", .licence_changes = true});
  scenarios.push_back(
      {.name = "joins an organisation and leaves it", .traffic = Traffic::kOffice, .joins = true});
  scenarios.push_back(
      {.name = "resets stated", .traffic = Traffic::kOffice, .clock_steps = true, .stated = true});
  scenarios.push_back({.name = "a window of 6 h, configured",
                       .traffic = Traffic::kOffice,
                       .window = 6h,
                       .configured = {WindowLength::Kind::kFixed, 6h}});
  scenarios.push_back({.name = "a job at the end of each window",
                       .traffic = Traffic::kDailyJob,
                       .duration = std::chrono::days(10)});
  for (const bool outages : {false, true}) {
    const std::string suffix = outages ? ", outages" : "";
    scenarios.push_back({.name = "monthly, 30 days from the first use" + suffix,
                         .traffic = Traffic::kOffice,
                         .window = 720h,
                         .time_interval = "monthly",
                         .interval = 10min,
                         .duration = std::chrono::days(100),
                         .outages = outages});
    scenarios.push_back({.name = "calendar months, configured" + suffix,
                         .traffic = Traffic::kOffice,
                         .window = 0ms,
                         .time_interval = "monthly",
                         .configured = calendar,
                         .interval = 10min,
                         .duration = std::chrono::days(70),
                         .outages = outages});
  }
  scenarios.push_back({.name = "calendar months, configured, clock steps",
                       .traffic = Traffic::kOffice,
                       .window = 0ms,
                       .time_interval = "monthly",
                       .configured = calendar,
                       .interval = 10min,
                       .duration = std::chrono::days(70),
                       .clock_steps = true});
  scenarios.push_back({.name = "calendar months, found out",
                       .traffic = Traffic::kOffice,
                       .window = 0ms,
                       .time_interval = "monthly",
                       .interval = 10min,
                       .duration = std::chrono::days(130)});
  return scenarios;
}

}  // namespace

TEST_CASE("consumption and resets follow the truth") {
  const std::uint64_t first_seed = FirstSeed();
  MESSAGE("MDCLOUD_TEST_SEED=" << first_seed);
  double used = 0;
  double missed = 0;
  for (const Scenario& scenario : Scenarios()) {
    Outcome sum;
    for (int i = 0; i < kSeeds; ++i) {
      const std::uint64_t seed = first_seed + static_cast<std::uint64_t>(i);
      const Outcome outcome = test::RunTrial(scenario, seed);
      const double missing = outcome.used - outcome.counted;
      INFO(scenario.name << ", seed " << seed << ": used " << outcome.used << ", counted "
                         << outcome.counted << ", may be missed " << outcome.may_be_missed
                         << ", resets " << outcome.resets);
      CHECK(outcome.used > 0);
      CHECK(missing >= -outcome.may_be_added);
      CHECK(missing <= outcome.may_be_missed);
      const std::string first_wrong =
          outcome.wrong_resets.empty() ? "" : outcome.wrong_resets.front();
      CHECK(first_wrong == "");
      sum.used += outcome.used;
      sum.counted += outcome.counted;
      sum.may_be_missed += outcome.may_be_missed;
      sum.resets += outcome.resets;
      sum.polls += outcome.polls;
      sum.polls_with_reset += outcome.polls_with_reset;
      // A job like that is what polling cannot tell apart, and docs/metrics.md says so.
      if (!scenario.outages && scenario.traffic != Traffic::kDailyJob) {
        used += outcome.used;
        missed += missing;
      }
    }
    CHECK(sum.resets > 0);
    if (scenario.traffic != Traffic::kDailyJob) CHECK(sum.polls_with_reset > 0);
    MESSAGE(scenario.name << ": " << 100 * (sum.used - sum.counted) / sum.used << " % missed, "
                          << 100 * sum.may_be_missed / sum.used << " % allowed, "
                          << 100.0 * sum.polls_with_reset / sum.polls
                          << " % of polls with a reset, " << sum.resets << " resets");
  }
  MESSAGE("without outages: " << 100 * missed / used << " % missed");
  CHECK(missed <= 0.01 * used);
}

TEST_CASE("what is written and read again counts on as if nothing had happened") {
  const std::uint64_t seed = FirstSeed();
  MESSAGE("MDCLOUD_TEST_SEED=" << seed);
  for (const Scenario& scenario : Scenarios()) {
    CAPTURE(scenario.name);
    CAPTURE(seed);
    Scenario stored = scenario;
    stored.stored_restarts = true;
    const Outcome whole = test::RunTrial(scenario, seed);
    const Outcome pieces = test::RunTrial(stored, seed);
    CHECK(pieces.used == whole.used);
    CHECK(pieces.counted == whole.counted);
    CHECK(pieces.polls_with_reset == whole.polls_with_reset);
    CHECK(pieces.wrong_resets.size() == whole.wrong_resets.size());
  }
}
