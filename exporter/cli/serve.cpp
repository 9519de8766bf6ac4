#include "exporter/cli/serve.h"

#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iostream>
#include <memory>
#include <string_view>
#include <utility>

#include "exporter/cli/check.h"
#include "exporter/cli/signals.h"
#include "exporter/config/reloader.h"
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
constexpr std::chrono::milliseconds kReloaderGrace{300};

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

scrape::ScrapeOptions OptionsOf(const Config& config) {
  scrape::ScrapeOptions options = config.options;
  options.user_agent = UserAgent();
  return options;
}

// `reloader` is null when there is nothing to reload.
void WaitForStop(Reloader* reloader) {
  while (WaitForSignal() == Signal::kReload) {
    if (reloader != nullptr) {
      reloader->Request([](const ReloadResult& /*result*/) {});  // it is logged
    } else {
      LogEvent(LogLevel::kWarn, "SIGHUP: there is no configuration to reload");
    }
  }
}

ConfigLoad LoadedNow() {
  return {.successful = true,
          .last_success = std::chrono::time_point_cast<scrape::SystemTime::duration>(
              std::chrono::system_clock::now())};
}

}  // namespace

int Serve(const CommandLine& line, const Config& config, LiveConfig* live,
          const std::function<void(const std::string& address)>& listening) {
  LogStart(config);
  scrape::SnapshotStore store;
  HttpRequestCounters requests;
  const auto outcome = [live, at_start = LoadedNow()] {
    return live == nullptr ? at_start : live->Outcome();
  };
  ExpositionCache exposition(store, requests,
                             {.options = {.expiration_days = line.expiration_days},
                              .config = outcome,
                              .build = ThisBuild()});
  scrape::Scraper scraper(config.keys, OptionsOf(config), store);
  std::unique_ptr<Reloader> reloader;
  if (live != nullptr) {
    live->OnChange(
        [&scraper](const Config& next) { return scraper.Reconfigure(next.keys, OptionsOf(next)); });
    live->OnNews([&exposition] { exposition.Forget(); });
    reloader = std::make_unique<Reloader>(*live, line.auto_reload);
  }
  http::Worker worker(kWorkerQueue, LogProblem);
  RoutesOptions routes_options{.telemetry_path = line.telemetry_path,
                               .version = ThisBuild().version};
  if (line.enable_lifecycle && reloader) {
    routes_options.reload = [&reloader](auto done) { reloader->Request(std::move(done)); };
  }
  Routes routes(std::move(routes_options), exposition, requests, store, worker,
                [&scraper] { return scraper.Alive(); });

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
  if (reloader) reloader->Start();

  WaitForStop(reloader.get());
  const ExitOnSecondSignal guard;
  LogEvent(LogLevel::kInfo, "stopping");
  routes.Stopping();
  const bool reloader_ended = !reloader || reloader->Stop(kReloaderGrace);
  (*server)->Stop();
  worker.Stop();
  scraper.Stop();
  // A file that it reads does not answer: nothing can end the thread but the end of the process.
  if (!reloader_ended && !reloader->Stop(kReloaderGrace)) _exit(kExitOk);
  return kExitOk;
}

int RunServe(const CommandLine& line, const Surroundings& around) {
  try {
    LiveConfig live(line.config_file, around);
    return Serve(line, *live.InForce(), &live, {});
  } catch (const ConfigError& error) {
    std::cerr << error.what() << '\n';
    return kExitFailure;
  }
}

}  // namespace exporter
