#pragma once
// The answer to a scrape: at once when this second's body is there, else from the worker, once for
// all scrapers that come meanwhile. Thread-safe. The worker must be stopped before this object
// goes.

#include <array>
#include <vector>

#include "exporter/metrics/exposition_cache.h"
#include "http/reply.h"
#include "http/worker.h"
#include "scrape/mutex.h"

namespace exporter {

class MetricsPage {
 public:
  // Both must outlive this object.
  MetricsPage(ExpositionCache& exposition, http::Worker& worker)
      : exposition_(exposition), worker_(worker) {}

  [[nodiscard]] http::Reply Answer(const http::Request& request);

 private:
  void Wait(Encoding encoding, http::Responder responder);
  void Render(Encoding encoding);
  [[nodiscard]] std::vector<http::Responder> TakeWaiting(Encoding encoding);

  ExpositionCache& exposition_;
  http::Worker& worker_;
  scrape::Mutex mutex_;
  // Of each encoding. The first one posts the work; whoever comes until it is done shares it.
  std::array<std::vector<http::Responder>, kEncodingCount> waiting_ GUARDED_BY(mutex_);
};

}  // namespace exporter
