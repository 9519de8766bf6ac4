#include "exporter/cli/serve.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "exporter/cli/check.h"
#include "exporter/cli/http_problem_log.h"
#include "exporter/cli/signals.h"
#include "exporter/cli/storage.h"
#include "exporter/cli/systemd_notify.h"
#include "exporter/cli/systemd_sockets.h"
#include "exporter/config/reloader.h"
#include "exporter/metrics/build_info.h"
#include "exporter/metrics/exposition_cache.h"
#include "exporter/metrics/http_request_counters.h"
#include "exporter/web/front.h"
#include "exporter/web/routes.h"
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
constexpr std::chrono::milliseconds kMostStop{1900};  // 2 s are promised

void LogStart(const Config& config, const WebConfig& web) {
  const BuildInfo build = ThisBuild();
  LogEvent(LogLevel::kInfo, "starting",
           {{"version", build.version},
            {"revision", build.revision},
            {"keys", static_cast<std::int64_t>(config.keys.size())}});
  for (const std::string& warning : config.warnings) LogEvent(LogLevel::kWarn, warning);
  for (const std::string& warning : web.warnings) LogEvent(LogLevel::kWarn, warning);
  for (const std::string& notice : web.notices) LogEvent(LogLevel::kInfo, notice);
}

// When it is news; `told`: what was said last.
void LogStretch(const Config& config, std::string& told) {
  const std::string stretch = DescribeStretch(config);
  if (stretch != std::exchange(told, stretch) && !stretch.empty()) {
    LogEvent(LogLevel::kWarn, stretch);
  }
}

void ApplyLogLevel(const CommandLine& line, const Config& config) {
  scrape::SetLogLevel(config.log_level.value_or(line.log_level));
}

scrape::ScrapeOptions OptionsOf(const Config& config) {
  scrape::ScrapeOptions options = config.options;
  options.user_agent = UserAgent();
  return options;
}

// Of the demo, whose keys are in no file.
constexpr std::string_view kNothingToReload = "there is no configuration to reload";

// Until a signal ends it; meanwhile systemd's watchdog is told that the loops turn.
void WaitForStop(const std::function<void()>& reload, SystemdNotify& systemd,
                 const scrape::Scraper& scraper) {
  constexpr std::chrono::hours kNoHurry{1};
  const auto watchdog = SystemdNotify::WatchdogInterval();
  const auto look =
      std::chrono::duration_cast<std::chrono::milliseconds>(watchdog.value_or(kNoHurry));
  for (;;) {
    if (watchdog && scraper.Alive()) systemd.Alive();
    const std::optional<Signal> signal = WaitForSignal(look);
    if (signal == Signal::kStop) return;
    if (signal == Signal::kReload) reload();
  }
}

// Connections are left for who does not wait, whatever becomes of the service.
unsigned MaxWaitingProbes(unsigned max_connections) {
  return std::max(max_connections - max_connections / 4, 1U);
}

ConfigLoad LoadedNow() {
  return {.successful = true,
          .last_success = std::chrono::time_point_cast<scrape::SystemTime::duration>(
              std::chrono::system_clock::now())};
}

// What to do where nothing can be served; none for what is wrong with the certificate.
std::string_view HintOf(std::string_view error) {
  if (!error.starts_with("listen on ")) return {};
  if (error.find("Permission denied") != std::string_view::npos) {
    return "ports below 1024 are for root: choose another with --web.listen-address";
  }
  return "if another program has it, or it is not of this machine, choose another with "
         "--web.listen-address, such as :10581";
}

std::function<std::shared_ptr<const Config>()> ConfigSource(const Config& config,
                                                            const LiveConfig* live) {
  if (live != nullptr) return [live] { return live->InForce(); };
  return [fixed = std::make_shared<const Config>(config)] { return fixed; };
}

}  // namespace

int Serve(const CommandLine& line, const Config& config, const WebConfig& web, LiveConfig* live,
          const std::function<void(const std::string& address)>& listening) {
  ApplyLogLevel(line, config);
  LogStart(config, web);
  std::string told_stretch;
  LogStretch(config, told_stretch);
  scrape::SnapshotStore store;
  HttpRequestCounters requests;
  const auto outcome = [live, at_start = LoadedNow()] {
    return live == nullptr ? at_start : live->Outcome();
  };
  ExpositionCache exposition(
      store, requests,
      {.options = {.expiration_days = line.expiration_days, .shard = line.config_file.shard},
       .config = outcome,
       .build = ThisBuild()});
  auto storage = OpenStorage(line);
  if (!storage) {
    LogEvent(LogLevel::kError, storage.error());
    return kExitFailure;
  }
  scrape::Scraper scraper(config.keys, OptionsOf(config), store, *std::move(storage));
  std::unique_ptr<Reloader> reloader;
  if (live != nullptr) {
    reloader = std::make_unique<Reloader>(*live, line.auto_reload);
  }
  HttpProblemLog http_problems;
  const auto log_problem = [&http_problems](std::string_view problem) {
    http_problems.Tell(problem);
  };
  http::Worker worker(kWorkerQueue, log_problem);
  RoutesOptions routes_options{.telemetry_path = line.telemetry_path,
                               .version = ThisBuild().version,
                               .config = ConfigSource(config, live),
                               .config_load = outcome,
                               .max_waiting_probes = MaxWaitingProbes(line.max_connections),
                               .external_url = line.external_url};
  routes_options.ask = [&scraper](std::string key, std::chrono::milliseconds within,
                                  scrape::ProbeDone done) {
    scraper.Ask(std::move(key), within, std::move(done));
  };
  SystemdNotify systemd;
  std::string state;  // as `systemctl status` shows it
  const auto reload = [&](std::function<void(const ReloadResult&)> done) {
    if (!reloader) {
      done(tl::unexpected(std::vector<std::string>{std::string(kNothingToReload)}));
      return;
    }
    systemd.Reloading();
    reloader->Request([&systemd, &state, done = std::move(done)](const ReloadResult& result) {
      systemd.Reloaded(result ? state : state + "; the last reload was refused");
      done(result);
    });
  };
  if (line.enable_lifecycle) routes_options.reload = reload;
  Routes routes(std::move(routes_options), exposition, requests, store, worker,
                [&scraper] { return scraper.Alive(); });

  std::vector<http::FileDescriptor> sockets;
  if (line.systemd_socket) {
    auto taken = TakeSystemdSockets();
    if (!taken) {
      LogEvent(LogLevel::kError, taken.error());
      return kExitFailure;
    }
    sockets = std::move(*taken);
  }
  auto front = Front::Start(
      {.listen_addresses = line.systemd_socket ? std::vector<std::string>() : line.listen_addresses,
       .sockets = std::move(sockets),
       .max_connections = line.max_connections,
       .probe_listen_address = line.probe_listen_address,
       .on_problem = log_problem},
      web, [&routes](const http::Request& request) { return routes.Handle(request); },
      [&routes](const http::Request& request) { return routes.HandleProbe(request); }, requests);
  if (!front) {
    LogEvent(LogLevel::kError, "cannot listen",
             {{"error", front.error()}, {"hint", HintOf(front.error())}});
    return kExitFailure;
  }
  for (const std::string& address : (*front)->Addresses()) {
    LogEvent(LogLevel::kInfo, "listening", {{"address", address}, {"guarded_by", Summarize(web)}});
  }
  for (const std::string& address : (*front)->ProbeAddresses()) {
    LogEvent(LogLevel::kInfo, "listening for probes", {{"address", address}});
  }
  if (listening) listening((*front)->Addresses().front());
  state = fmt::format("serving at {}", fmt::join((*front)->Addresses(), ", "));
  // Not before: where the port is in use, the service is not to be asked at every restart.
  scraper.Start();
  if (live != nullptr) {
    live->Follow({.keys =
                      [&](const Config& next) {
                        if (!scraper.Reconfigure(next.keys, OptionsOf(next))) return false;
                        ApplyLogLevel(line, next);
                        LogStretch(next, told_stretch);
                        return true;
                      },
                  .web = [&](const WebConfig& next) { return (*front)->Apply(next); },
                  .news =
                      [&] {
                        exposition.Forget();
                        routes.Forget();
                      }});
    reloader->Start();
  }

  systemd.Ready(state);
  WaitForStop(
      [&] {
        if (!reloader) {
          LogEvent(LogLevel::kWarn, "SIGHUP: " + std::string(kNothingToReload));
          return;
        }
        reload([](const ReloadResult& /*result*/) {});  // it is logged
      },
      systemd, scraper);
  const ExitOnSignal guard(kExitFailure, kMostStop);
  systemd.Stopping();
  LogEvent(LogLevel::kInfo, "stopping");
  routes.Stopping();
  bool whole = !reloader || reloader->Stop(kReloaderGrace);
  whole = (*front)->Stop() && whole;
  worker.Stop();
  scraper.Stop();
  // Of a file that does not answer, or a password that is still being computed.
  if (!whole) std::_Exit(kExitOk);
  return kExitOk;
}

int RunServe(const CommandLine& line, const Surroundings& around) {
  try {
    std::optional<ExitOnSignal> guard(kExitOk);
    LiveConfig live(line.config_file, line.web_config_file, around);
    guard.reset();
    return Serve(line, *live.InForce(), *live.WebInForce(), &live, {});
  } catch (const ConfigError& error) {
    std::cerr << error.what() << '\n';
    return kExitFailure;
  }
}

}  // namespace exporter
