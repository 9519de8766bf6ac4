#include "simulator/usage.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace simulator {

Usage::Usage(const FamilyScript& script, std::chrono::milliseconds window, TimePoint now)
    : limit_(script.limit),
      use_per_second_(script.use_per_second),
      window_(window),
      last_(now),
      used_(script.used) {
  if (used_ > 0) window_end_ = now + window_;
}

void Usage::Advance(TimePoint now) {
  for (;;) {
    if (window_end_ && *window_end_ <= last_) {
      used_ = 0;
      fraction_ = 0;
      window_end_.reset();
    }
    if (last_ >= now) return;
    if (window_end_) {
      GrowWithin(std::min(now, *window_end_));
    } else {
      OpenBefore(now);
    }
  }
}

void Usage::Use(std::int64_t count, TimePoint now) {
  Advance(now);
  used_ += count;
  total_ += count;
  if (used_ > 0 && !window_end_) window_end_ = now + window_;
}

// Steady use inside an open window.
void Usage::GrowWithin(TimePoint until) {
  const std::chrono::duration<double> elapsed = until - std::exchange(last_, until);
  double whole = 0;
  fraction_ = std::modf(fraction_ + elapsed.count() * use_per_second_, &whole);
  const std::int64_t room = std::max<std::int64_t>(limit_ - used_, 0);
  const std::int64_t grown = std::min(static_cast<std::int64_t>(whole), room);
  used_ += grown;
  total_ += grown;
}

// Lets time pass until the first unit of steady use opens a window, or until `now`.
void Usage::OpenBefore(TimePoint now) {
  const std::chrono::duration<double> to_now = now - last_;
  const double grown = fraction_ + to_now.count() * use_per_second_;
  if (grown < 1 || limit_ <= 0) {
    fraction_ = std::min(grown, 1.0);
    last_ = now;
    return;
  }
  const std::chrono::duration<double> to_first((1 - fraction_) / use_per_second_);
  last_ = std::min(now, last_ + std::chrono::duration_cast<std::chrono::nanoseconds>(to_first));
  used_ = 1;
  ++total_;
  fraction_ = 0;
  window_end_ = last_ + window_;
}

}  // namespace simulator
