#pragma once
// Everything one exposition is made of. Plain data, gathered by the caller for one moment; the
// pointers and views in it must outlive the rendering. Any thread.

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/metrics/build_info.h"
#include "exporter/metrics/process_metrics.h"
#include "scrape/api/collector.h"
#include "scrape/shard.h"
#include "scrape/snapshot.h"

namespace exporter {

struct MetricOptions {
  bool expiration_days = true;  // --no-metrics.expiration-days
  // Of a program that ends: without what only one that goes on can tell (counters, its own process
  // and connections, when it will ask again), and what another exporter on the host has too.
  bool one_shot = false;
  scrape::Shard shard = {};
};

// The part of the metrics that is asked for; an empty set means all. Keys: only series with the
// label of one of them. Collectors: only what their answers tell, and series with their label.
struct Selection {
  std::set<std::string, std::less<>> keys;
  std::set<scrape::Collector> collectors;
  bool with_client = true;  // what is told of the client of the service, of a key or not

  [[nodiscard]] bool Has(std::string_view key) const { return keys.empty() || keys.contains(key); }
  [[nodiscard]] bool Has(scrape::Collector collector) const {
    return collectors.empty() || collectors.contains(collector);
  }
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
  Selection selection = {};
  ConfigLoad config;
  BuildInfo build;
  std::vector<HttpRequestCount> http_requests;  // sorted by code, then handler; no pair twice
  ProcessStats process;
};

}  // namespace exporter
