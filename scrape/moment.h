#pragma once
// One moment on both clocks: the steady one measures, the system's is exported. Plain data.

#include <chrono>

#include "scrape/api/quota.h"

namespace scrape {

using SteadyTime = std::chrono::steady_clock::time_point;

struct Moment {
  SteadyTime steady;
  SystemTime system;
};

}  // namespace scrape
