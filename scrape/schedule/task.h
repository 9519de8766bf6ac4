#pragma once
// What the schedule gives out, and the caps that it keeps. Plain data, any thread.

#include <chrono>
#include <cstddef>

#include "scrape/api/collector.h"
#include "scrape/schedule/steady_time.h"

namespace scrape {

struct Task {
  std::size_t key = 0;  // index in the configured keys
  Collector collector = Collector::kInfo;
  // clang-tidy 14 takes the default for a null pointer.
  friend auto operator<=>(const Task&, const Task&) = default;  // NOLINT(modernize-use-nullptr)
};

struct ScheduleCaps {
  int max_in_flight = 64;
  int max_requests_per_second = 20;        // per host
  int max_rejected_requests_per_hour = 4;  // per host
  bool one_round = false;                  // what was asked is not asked again
};

// Due requests start together, in slots: the CPU follows wake-ups, not requests.
inline constexpr std::chrono::milliseconds kSlot{50};

}  // namespace scrape
