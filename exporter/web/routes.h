#pragma once
// What is answered on which path. Paths are matched exactly; GET and HEAD only, but for /-/reload.
// Thread-safe.

#include <atomic>
#include <chrono>
#include <functional>
#include <string>

#include "exporter/config/external_url.h"
#include "exporter/config/reloader.h"
#include "exporter/metrics/exposition_cache.h"
#include "exporter/metrics/http_request_counters.h"
#include "exporter/web/config_page.h"
#include "exporter/web/metrics_page.h"
#include "exporter/web/probe_page.h"
#include "exporter/web/status_page.h"
#include "http/reply.h"
#include "http/worker.h"
#include "scrape/snapshot_store.h"

namespace exporter {

struct RoutesOptions {
  std::string telemetry_path = "/metrics";
  std::string version;  // shown on the status page
  // The one in force; any thread.
  std::function<std::shared_ptr<const Config>()> config = [] {
    return std::make_shared<const Config>();
  };
  // What became of it; any thread.
  std::function<ConfigLoad()> config_load = [] { return ConfigLoad{}; };
  // Asks for a reload, as Reloader::Request; empty: /-/reload is switched off.
  std::function<void(std::function<void(const ReloadResult&)>)> reload = {};
  // Asks for one key, for /probe.
  ProbePage::Ask ask = [](auto&& /*key*/, auto /*within*/, const auto& done) { done(nullptr); };
  unsigned max_waiting_probes = 384;
  std::optional<ExternalUrl> external_url = {};  // where this exporter is reached, for /sd
};

class Routes {
 public:
  // The references must outlive this object, and the worker be stopped before it goes. `alive`:
  // whether the scrape loop turns.
  Routes(RoutesOptions options, ExpositionCache& exposition, HttpRequestCounters& requests,
         const scrape::SnapshotStore& store, http::Worker& worker, std::function<bool()> alive);

  [[nodiscard]] http::Reply Handle(const http::Request& request);
  // The health paths only.
  [[nodiscard]] http::Reply HandleProbe(const http::Request& request);
  // From here on not ready.
  void Stopping() { stopping_ = true; }
  // The pages are not to be those of before, as there is news. Any thread.
  void Forget() { status_.Forget(); }

 private:
  enum class Page {
    kMetrics,
    kProbe,
    kServiceDiscovery,
    kHealthy,
    kReady,
    kReload,
    kConfig,
    kStatus,
    kStatusJson,
    kAssets,
    kNone
  };

  [[nodiscard]] Page PageAt(const std::string& path) const;
  [[nodiscard]] std::string NameOf(Page page) const;
  [[nodiscard]] http::Reply CountedAnswer(Page page, const http::Request& request);
  [[nodiscard]] http::Reply Answer(Page page, const http::Request& request);
  [[nodiscard]] http::Reply Reload() const;
  [[nodiscard]] http::Reply ServiceDiscovery(const http::Request& request);
  [[nodiscard]] bool Ready() const;

  const RoutesOptions options_;
  MetricsPage metrics_;
  ProbePage probe_;
  ConfigPage config_;
  StatusPage status_;
  HttpRequestCounters& requests_;
  const scrape::SnapshotStore& store_;
  http::Worker& worker_;
  const std::function<bool()> alive_;
  const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  std::atomic<bool> stopping_ = false;
};

}  // namespace exporter
