#pragma once
// How the facts of an answer become sample values. Pure, any thread.

#include <chrono>
#include <optional>

#include "scrape/api/quota.h"

namespace exporter {

[[nodiscard]] inline double ToSeconds(scrape::SystemTime time) {
  return static_cast<double>(time.time_since_epoch().count()) / 1000.0;
}
[[nodiscard]] inline double ToDays(std::chrono::milliseconds span) {
  return static_cast<double>(span.count()) / 86'400'000.0;
}

[[nodiscard]] inline double ToSample(double value) { return value; }
[[nodiscard]] inline double ToSample(bool value) { return value ? 1.0 : 0.0; }
[[nodiscard]] inline double ToSample(scrape::SystemTime value) { return ToSeconds(value); }

}  // namespace exporter
