#pragma once
// "/" and "/api/v1/status": the state of all keys for people and for scripts, made by the worker;
// what is the same for everybody once a second. Thread-safe. The worker must be stopped before this
// object goes.

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "exporter/metrics/exposition_cache.h"
#include "exporter/web/shared_page.h"
#include "http/reply.h"
#include "http/worker.h"
#include "scrape/snapshot_store.h"

namespace exporter {

struct StatusPageOptions {
  std::string version;
  std::string telemetry_path;
  std::function<ConfigLoad()> config = [] { return ConfigLoad{}; };  // any thread
  Clocks clocks = Clocks::Real();
};

class StatusPage {
 public:
  // Both references must outlive this object.
  StatusPage(StatusPageOptions options, const scrape::SnapshotStore& store, http::Worker& worker);

  [[nodiscard]] http::Reply Html(const http::Request& request);
  // "?key=a&key=b" narrows it as it narrows the metrics.
  [[nodiscard]] http::Reply Json(const http::Request& request);
  // There is news that must not wait for the next second.
  void Forget();

 private:
  enum class Kind { kHtml, kJson };

  [[nodiscard]] http::Response Make(Kind kind, const std::string& query, Encoding encoding,
                                    std::shared_ptr<const scrape::Snapshot> snapshot) const;
  [[nodiscard]] SharedPage Shared(Kind kind, Encoding encoding);

  const StatusPageOptions options_;
  const scrape::SnapshotStore& store_;
  http::Worker& worker_;
  const scrape::SteadyTime started_ = options_.clocks.steady();
  SharedPage html_;
  SharedPage html_gzip_;
  SharedPage json_;
  SharedPage json_gzip_;
};

}  // namespace exporter
