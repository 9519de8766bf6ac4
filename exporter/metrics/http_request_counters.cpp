#include "exporter/metrics/http_request_counters.h"

namespace exporter {

void HttpRequestCounters::Count(std::string_view handler, int code) {
  const scrape::MutexLock lock(mutex_);
  ++counts_[{code, std::string(handler)}];
}

std::vector<HttpRequestCount> HttpRequestCounters::Get() const {
  const scrape::MutexLock lock(mutex_);
  std::vector<HttpRequestCount> counts;
  counts.reserve(counts_.size());
  for (const auto& [pair, requests] : counts_) {
    counts.push_back({pair.first, pair.second, requests});
  }
  return counts;
}

}  // namespace exporter
