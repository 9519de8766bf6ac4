#pragma once
// Slows the requests to a host that fails most of them: the rate is halved each minute while over
// half of at least 20 attempts fail, and doubled each minute in which fewer do. Pure, owned by the
// schedule, one thread.

#include "scrape/schedule/steady_time.h"

namespace scrape {

class FailureBrake {
 public:
  FailureBrake(double max_per_second, SteadyTime now)
      : max_per_second_(max_per_second), per_second_(max_per_second), minute_(now) {}

  // The rate that was reached by halving stays, unless it is above the new maximum.
  void SetMaximum(double max_per_second, SteadyTime now);
  // An attempt ended; `failed`: for a reason that is the host's or the network's.
  void Attempted(bool failed, SteadyTime now);
  // Requests per second, at least 1 (or the maximum, where that is less).
  [[nodiscard]] double PerSecond(SteadyTime now);

 private:
  void PassMinutes(SteadyTime now);

  double max_per_second_;
  double per_second_;
  SteadyTime minute_;  // begin of the one that is counted
  int attempts_ = 0;
  int failures_ = 0;
};

}  // namespace scrape
