#pragma once
// What the kernel says about this process: the standard process_* metrics. Reads /proc, any thread.

#include <optional>
#include <string>

namespace exporter {

// Absent: it could not be read.
struct ProcessStats {
  std::optional<double> cpu_seconds;  // user and system, since the start
  std::optional<double> resident_bytes;
  std::optional<double> virtual_bytes;
  std::optional<double> open_fds;
  std::optional<double> max_fds;     // the soft limit; infinite when there is none
  std::optional<double> start_time;  // Unix seconds
};

// `proc` is the mount point of procfs.
[[nodiscard]] ProcessStats ReadProcessStats(const std::string& proc = "/proc");

}  // namespace exporter
