#include "exporter/cli/serve.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iostream>
#include <memory>
#include <string_view>
#include <utility>

#include "exporter/cli/check.h"
#include "exporter/cli/signals.h"
#include "exporter/metrics/build_info.h"
#include "exporter/metrics/exposition_cache.h"
#include "exporter/metrics/http_request_counters.h"
#include "exporter/web/routes.h"
#include "http/server.h"
#include "http/worker.h"
#include "scrape/event_log.h"
#include "scrape/scraper.h"
#include "scrape/snapshot_store.h"

namespace exporter {
namespace {

using scrape::LogEvent;
using scrape::LogLevel;

// Requests whose answer is still to be made; further ones get 503.
constexpr std::size_t kWorkerQueue = 32;

void LogStart(const Config& config) {
  const BuildInfo build = ThisBuild();
  LogEvent(LogLevel::kInfo, "starting",
           {{"version", build.version},
            {"revision", build.revision},
            {"keys", static_cast<std::int64_t>(config.keys.size())}});
  for (const std::string& warning : config.warnings) LogEvent(LogLevel::kWarn, warning);
  const std::string stretch = DescribeStretch(config);
  if (!stretch.empty()) LogEvent(LogLevel::kWarn, stretch);
}

void LogProblem(std::string_view problem) {
  LogEvent(LogLevel::kWarn, "HTTP server", {{"problem", problem}});
}

void WaitForStop() {
  while (WaitForSignal() == Signal::kReload) {
    LogEvent(LogLevel::kWarn, "SIGHUP: reload is not available; the configuration stays as it is");
  }
}

}  // namespace

int Serve(const CommandLine& line, const Config& config,
          const std::function<void(const std::string& address)>& listening) {
  LogStart(config);
  scrape::SnapshotStore store;
  HttpRequestCounters requests;
  const ConfigLoad loaded{
      .successful = true,
      .last_success = std::chrono::time_point_cast<scrape::SystemTime::duration>(
          std::chrono::system_clock::now())};
  ExpositionCache exposition(store, requests,
                             {.options = {.expiration_days = line.expiration_days},
                              .config = loaded,
                              .build = ThisBuild()});
  scrape::ScrapeOptions scrape_options = config.options;
  scrape_options.user_agent = UserAgent();
  scrape::Scraper scraper(config.keys, scrape_options, store);
  http::Worker worker(kWorkerQueue, LogProblem);
  Routes routes({.telemetry_path = line.telemetry_path, .version = ThisBuild().version}, exposition,
                requests, store, worker, [&scraper] { return scraper.Alive(); });

  http::ServerOptions server_options;
  server_options.listen_addresses = line.listen_addresses;
  server_options.max_connections = line.max_connections;
  server_options.on_problem = LogProblem;
  auto server = http::Server::Start(
      std::move(server_options),
      [&routes](const http::Request& request) { return routes.Handle(request); });
  if (!server) {
    LogEvent(LogLevel::kError, "cannot listen", {{"error", server.error()}});
    return kExitFailure;
  }
  for (const std::string& address : (*server)->Addresses()) {
    LogEvent(LogLevel::kInfo, "listening", {{"address", address}});
  }
  if (listening) listening((*server)->Addresses().front());
  // Not before: where the port is in use, the service is not to be asked at every restart.
  scraper.Start();

  WaitForStop();
  const ExitOnSecondSignal guard;
  LogEvent(LogLevel::kInfo, "stopping");
  routes.Stopping();
  (*server)->Stop();
  worker.Stop();
  scraper.Stop();
  return kExitOk;
}

int RunServe(const CommandLine& line, const Surroundings& around) {
  try {
    return Serve(line, LoadConfig(line.config_file, around), {});
  } catch (const ConfigError& error) {
    std::cerr << error.what() << '\n';
    return kExitFailure;
  }
}

}  // namespace exporter
