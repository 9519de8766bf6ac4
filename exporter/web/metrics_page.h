#pragma once
// The answer to a scrape: at once when this second's body is there, else from the worker, once for
// all scrapers that come meanwhile. A part of the metrics is made by the worker for each request,
// and who asks for the whole does not wait for it. Thread-safe. The worker must be stopped before
// this object goes.

#include <array>
#include <vector>

#include "exporter/metrics/exposition_cache.h"
#include "http/reply.h"
#include "http/worker.h"
#include "scrape/mutex.h"
#include "scrape/snapshot_store.h"

namespace exporter {

class MetricsPage {
 public:
  // All must outlive this object.
  MetricsPage(ExpositionCache& exposition, const scrape::SnapshotStore& store, http::Worker& worker)
      : exposition_(exposition), store_(store), worker_(worker) {}

  [[nodiscard]] http::Reply Answer(const http::Request& request);

 private:
  void Wait(Variant variant, http::Responder responder);
  void Render(Variant variant);
  [[nodiscard]] std::vector<http::Responder> TakeWaiting(Variant variant);
  [[nodiscard]] http::Reply Part(Variant variant, Selection selection);

  ExpositionCache& exposition_;
  const scrape::SnapshotStore& store_;
  http::Worker& worker_;
  scrape::Mutex mutex_;
  // Of each variant. The first one posts the work; whoever comes until it is done shares it.
  std::array<std::vector<http::Responder>, kVariantCount> waiting_ GUARDED_BY(mutex_);
};

}  // namespace exporter
