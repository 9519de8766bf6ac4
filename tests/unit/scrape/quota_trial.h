#pragma once
// One key for some days: traffic from a seed, polls as the scraper makes them, replicas that lag
// within the condition of docs/metrics.md, outages, restarts, changes of the licence and of the
// owner, steps of the host's clock. Counts beside QuotaWindows what was really used and what it may
// have missed.

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "scrape/window_length.h"

namespace test {

enum class Traffic {
  kBusy,     // never idle for long: no poll sees 0
  kOffice,   // from morning to evening, hardly anything at night
  kBatches,  // some batches a day, nothing between them
  kDailyJob  // one batch in each window, all at once, as soon as the window before has ended
};

struct Scenario {
  std::string name;
  Traffic traffic = Traffic::kBusy;
  std::chrono::milliseconds window = std::chrono::hours(24);  // 0: calendar months
  std::string time_interval = "daily";                        // what the licence says
  scrape::WindowLength configured = {};
  std::chrono::milliseconds interval = std::chrono::minutes(1);
  std::chrono::days duration{4};
  bool outages = false;  // 3 h, most of them across a reset
  bool restarts = false;
  bool stored_restarts = false;  // what was known is written, and read again, now and then
  bool licence_changes = false;
  bool joins = false;  // an organisation, and leaves it
  bool replicas = false;
  bool clock_steps = false;
  bool stated = false;  // now and then an answer states the reset
};

struct Outcome {
  double used = 0;  // since the first poll
  double counted = 0;
  double may_be_missed = 0;  // what docs/metrics.md allows
  double may_be_added = 0;
  int resets = 0;  // of the service
  int polls = 0;
  int polls_with_reset = 0;  // at which a reset was exported
  std::vector<std::string> wrong_resets;
};

[[nodiscard]] Outcome RunTrial(const Scenario& scenario, std::uint64_t seed);

}  // namespace test
