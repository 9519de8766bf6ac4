#pragma once
// Both clocks, `scale` times as fast as the wall's from when it is made: pauses of hours are tested
// in seconds. Immutable, any thread.

#include <chrono>

#include "scrape/moment.h"

namespace scrape {

class ScaledClock {
 public:
  explicit ScaledClock(double scale) : scale_(scale) {}

  [[nodiscard]] Moment Now() const {
    const auto real = std::chrono::steady_clock::now();
    if (scale_ == 1) {
      return {.steady = real,
              .system =
                  std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now())};
    }
    const SteadyTime scaled = Scaled(real);
    return {.steady = scaled,
            .system = system_start_ +
                      std::chrono::duration_cast<std::chrono::milliseconds>(scaled - start_)};
  }
  // The same moment on the scaled clock.
  [[nodiscard]] SteadyTime Scaled(SteadyTime real) const {
    if (scale_ == 1) return real;
    return start_ + std::chrono::duration_cast<SteadyTime::duration>((real - start_) * scale_);
  }
  [[nodiscard]] std::chrono::milliseconds Real(SteadyTime::duration scaled) const {
    return std::chrono::ceil<std::chrono::milliseconds>(scaled / scale_);
  }

 private:
  const double scale_;
  const SteadyTime start_ = std::chrono::steady_clock::now();
  const SystemTime system_start_ =
      std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
};

}  // namespace scrape
