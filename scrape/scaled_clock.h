#pragma once
// Both clocks, `scale` times as fast as the wall's: pauses of hours are tested in seconds. They are
// the wall's when it is made, or the system's one was so at `origin`: then it goes on where that of
// an earlier process ended. Immutable, any thread.

#include <chrono>
#include <optional>

#include "scrape/moment.h"

namespace scrape {

class ScaledClock {
 public:
  explicit ScaledClock(double scale, std::optional<SystemTime> origin = {})
      : scale_(scale), system_start_(SystemNow()) {
    if (!origin) return;
    const auto passed = std::chrono::duration<double, std::milli>(system_start_ - *origin);
    system_start_ = *origin + std::chrono::round<std::chrono::milliseconds>(passed * scale);
  }

  [[nodiscard]] Moment Now() const {
    const auto real = std::chrono::steady_clock::now();
    if (scale_ == 1) {
      return {.steady = real, .system = SystemNow()};
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
  [[nodiscard]] static SystemTime SystemNow() {
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  }

  const double scale_;
  const SteadyTime start_ = std::chrono::steady_clock::now();
  SystemTime system_start_;
};

}  // namespace scrape
