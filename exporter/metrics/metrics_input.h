#pragma once
// Everything one exposition is made of. Plain data, gathered by the caller for one moment; the
// pointers and views in it must outlive the rendering. Any thread.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "exporter/metrics/build_info.h"
#include "exporter/metrics/process_metrics.h"
#include "scrape/snapshot.h"

namespace exporter {

struct MetricOptions {
  bool expiration_days = true;  // --no-metrics.expiration-days
};

// What became of the configuration.
struct ConfigLoad {
  bool successful = true;  // the last attempt to load it
  std::optional<scrape::SystemTime> last_success;
};

struct HttpRequestCount {
  int code = 0;
  std::string handler;
  std::uint64_t requests = 0;
};

struct MetricsInput {
  const scrape::Snapshot* snapshot = nullptr;  // never null when rendered
  scrape::SystemTime now;
  scrape::SteadyTime steady_now;
  MetricOptions options;
  ConfigLoad config;
  BuildInfo build;
  std::vector<HttpRequestCount> http_requests;  // sorted by code, then handler; no pair twice
  ProcessStats process;
};

}  // namespace exporter
