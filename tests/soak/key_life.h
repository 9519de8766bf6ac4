#pragma once
// One key of the simulated service that is used, fails, leaves the configuration and comes back, so
// that what it uses can be counted exactly all the same: nothing of a window is used near its end,
// and what goes wrong has long been mended by then. One thread.

#include <chrono>
#include <optional>
#include <random>
#include <string>

#include "simulator/cloud.h"

namespace soak {

using simulator::TimePoint;

inline constexpr std::chrono::hours kWindow{2};

class KeyLife {
 public:
  // Adds the key to `cloud`, which must outlive this object.
  KeyLife(simulator::Cloud& cloud, std::string name, std::mt19937_64& random);

  // Some use, a fault, or the end of one. `now` is the simulated time.
  void Go(TimePoint now);
  // No use and no fault from here on.
  void Rest();

  // To be away from the configuration for some minutes harms nothing now.
  [[nodiscard]] bool MayLeave(TimePoint now) const;
  [[nodiscard]] const simulator::KeyScript& Script() const { return script_; }
  [[nodiscard]] double Used() const;  // all in all
  [[nodiscard]] int Faults() const { return faults_; }

 private:
  // Of the current window; all of it before the first use.
  [[nodiscard]] std::chrono::nanoseconds Left(TimePoint now) const;
  [[nodiscard]] double Chance() { return std::uniform_real_distribution<double>(0, 1)(random_); }

  simulator::Cloud& cloud_;
  std::mt19937_64& random_;
  simulator::KeyScript script_;
  std::optional<TimePoint> faulty_until_;
  int faults_ = 0;
};

}  // namespace soak
