#pragma once
// Serving: the scraper in the background and HTTP in front of it, until SIGTERM or SIGINT.

#include <functional>
#include <string>

#include "exporter/cli/flags.h"
#include "exporter/config/config.h"
#include "exporter/config/live_config.h"

namespace exporter {

// Blocks; main thread only, after BlockSignals() and scrape::ConfigureLog(). `live` is where
// `config` comes from, and is followed while it changes; null: it never does. `listening` is called
// once with the first address really listened on, "host:port"; it may be empty. Returns the exit
// code.
[[nodiscard]] int Serve(const CommandLine& line, const Config& config, const WebConfig& web,
                        LiveConfig* live,
                        const std::function<void(const std::string& address)>& listening);

// The command without a name: loads the configuration first. Its problems go to stderr.
[[nodiscard]] int RunServe(const CommandLine& line, const Surroundings& around);

}  // namespace exporter
