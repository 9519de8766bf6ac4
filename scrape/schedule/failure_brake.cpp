#include "scrape/schedule/failure_brake.h"

#include <algorithm>

namespace scrape {
namespace {

constexpr std::chrono::minutes kMinute{1};
constexpr int kEnoughAttempts = 20;

}  // namespace

void FailureBrake::SetMaximum(double max_per_second, SteadyTime now) {
  PassMinutes(now);
  const bool slowed = per_second_ < max_per_second_;
  per_second_ = slowed ? std::min(per_second_, max_per_second) : max_per_second;
  max_per_second_ = max_per_second;
}

void FailureBrake::Attempted(bool failed, SteadyTime now) {
  PassMinutes(now);
  ++attempts_;
  if (failed) ++failures_;
}

double FailureBrake::PerSecond(SteadyTime now) {
  PassMinutes(now);
  return per_second_;
}

void FailureBrake::PassMinutes(SteadyTime now) {
  while (minute_ + kMinute <= now) {
    const bool bad = attempts_ >= kEnoughAttempts && failures_ * 2 > attempts_;
    if (bad) {
      per_second_ = std::max(per_second_ / 2, std::min(1.0, max_per_second_));
    } else {
      per_second_ = std::min(per_second_ * 2, max_per_second_);
    }
    attempts_ = failures_ = 0;
    // Nothing is left to decide about a time without attempts.
    minute_ = per_second_ >= max_per_second_ ? std::max(minute_ + kMinute, now - kMinute)
                                             : minute_ + kMinute;
  }
}

}  // namespace scrape
