#pragma once
// The clock that schedules and measures. Never goes back, means nothing outside the process.

#include <chrono>

namespace scrape {

using SteadyTime = std::chrono::steady_clock::time_point;

}  // namespace scrape
