#pragma once
// Counts the answers this program gave over HTTP, for mdcloud_exporter_http_requests_total.
// Thread-safe.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "exporter/metrics/metrics_input.h"
#include "scrape/mutex.h"

namespace exporter {

class HttpRequestCounters {
 public:
  // `handler` is a name of a closed set ("/metrics", "other"), never a path as it was sent.
  void Count(std::string_view handler, int code);
  // Sorted by code (three digits each), then by handler.
  [[nodiscard]] std::vector<HttpRequestCount> Get() const;

 private:
  mutable scrape::Mutex mutex_;
  std::map<std::pair<int, std::string>, std::uint64_t> counts_ GUARDED_BY(mutex_);
};

}  // namespace exporter
