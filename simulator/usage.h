#pragma once
// The use of one API family of one key in windows that open at the first use and end after a fixed
// time. Pure but for its own state; the caller serializes.

#include <chrono>
#include <cstdint>
#include <optional>

#include "simulator/key_script.h"

namespace simulator {

using TimePoint = std::chrono::steady_clock::time_point;

class Usage {
 public:
  Usage(const FamilyScript& script, std::chrono::milliseconds window, TimePoint now);

  // Lets time pass: steady use, ends of windows. `now` never goes back.
  void Advance(TimePoint now);
  // Use by hand, which may go past the limit.
  void Use(std::int64_t count, TimePoint now);

  [[nodiscard]] std::int64_t Used() const { return used_; }
  [[nodiscard]] std::int64_t Limit() const { return limit_; }
  // Since the beginning, over all windows; without what the script had used by then.
  [[nodiscard]] std::int64_t Total() const { return total_; }
  // Absent while nothing was used.
  [[nodiscard]] std::optional<TimePoint> WindowEnd() const { return window_end_; }

 private:
  void GrowWithin(TimePoint until);
  void OpenBefore(TimePoint now);

  std::int64_t limit_;
  double use_per_second_;
  std::chrono::nanoseconds window_;
  TimePoint last_;
  double fraction_ = 0;  // of the next unit of steady use
  std::int64_t used_ = 0;
  std::int64_t total_ = 0;
  std::optional<TimePoint> window_end_;
};

}  // namespace simulator
