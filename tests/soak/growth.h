#pragma once
// What a process holds, and whether it grows. One thread.

#include <string>
#include <vector>

#include <sys/types.h>

namespace soak {

struct Held {
  double hours = 0;  // simulated
  double resident_bytes = 0;
  double descriptors = 0;
  double threads = 0;
};

// Of a running process, from /proc.
[[nodiscard]] Held HeldBy(pid_t process, double hours);

// The slope of the line through the values, per hour, by least squares.
[[nodiscard]] double SlopePerHour(const std::vector<Held>& samples, double Held::*value);

}  // namespace soak
