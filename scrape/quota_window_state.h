#pragma once
// What is published of the quota window of one API family of one key. Plain data, any thread.

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "scrape/api/quota.h"

namespace scrape {

// Absent means not known.
struct QuotaWindowState {
  std::string family;
  double consumed_total = 0;
  std::optional<std::chrono::milliseconds> window = {};
  std::optional<SystemTime> reset = {};           // end of the current window
  std::chrono::milliseconds reset_uncertainty{};  // of `reset` only: it may be earlier by that
};

using QuotaWindowStates = std::vector<QuotaWindowState>;  // sorted by family

}  // namespace scrape
