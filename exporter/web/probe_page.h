#pragma once
// /probe?key=NAME: one configured key, asked anew. Who comes while a key is being asked shares the
// answers; what is younger than 5 s is not asked for again. What was learnt at one time is one
// piece of work. Only so many probes wait, since each keeps a connection: who comes then is
// answered with what is known. Thread-safe.

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "exporter/metrics/exposition_cache.h"
#include "http/reply.h"
#include "http/worker.h"
#include "scrape/mutex.h"
#include "scrape/probes.h"
#include "scrape/snapshot_store.h"

namespace exporter {

class ProbePage {
 public:
  // As scrape::Scraper::Ask.
  using Ask =
      std::function<void(std::string key, std::chrono::milliseconds within, scrape::ProbeDone)>;

  // The references must outlive this object, and nobody may call back any more when it goes.
  ProbePage(Ask ask, const ExpositionCache& exposition, const scrape::SnapshotStore& store,
            http::Worker& worker, unsigned max_waiting)
      : ask_(std::move(ask)),
        exposition_(exposition),
        store_(store),
        worker_(worker),
        max_waiting_(max_waiting) {}

  [[nodiscard]] http::Reply Answer(const http::Request& request);

 private:
  struct Asked {
    Variant variant;
    std::shared_ptr<const scrape::KeyState> key;  // as it is known now, then as it is found
    http::Responder responder;
  };

  void Wait(const std::string& key, std::chrono::milliseconds within, Asked asked);
  void Finish(Asked asked);
  void RenderFinished();
  [[nodiscard]] std::vector<Asked> TakeFinished();

  const Ask ask_;
  const ExpositionCache& exposition_;
  const scrape::SnapshotStore& store_;
  http::Worker& worker_;
  const unsigned max_waiting_;
  std::atomic<unsigned> waiting_ = 0;
  scrape::Mutex mutex_;
  std::vector<Asked> finished_ GUARDED_BY(mutex_);  // the first one posts the work for all
};

// How long a probe may take: what Prometheus says it waits (X-Prometheus-Scrape-Timeout-Seconds),
// less half a second for the way back.
[[nodiscard]] std::chrono::milliseconds TimeFor(const http::Request& request);

}  // namespace exporter
