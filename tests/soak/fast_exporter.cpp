// The exporter, whole and real but for its clock: fast_exporter SCALE ORIGIN [flags]. Its scraper's
// time passes SCALE times as fast; the system's clock is the wall's at ORIGIN (Unix milliseconds),
// so that it goes on from process to process.

#include <cstdlib>
#include <iostream>
#include <string>
#include <variant>
#include <vector>

#include "exporter/cli/flags.h"
#include "exporter/cli/process.h"
#include "exporter/cli/serve.h"
#include "exporter/cli/signals.h"
#include "exporter/config/live_config.h"

int main(int argc, char** argv) {
  if (argc < 3) return exporter::kExitUsage;
  const exporter::Surroundings around = exporter::SystemSurroundings();
  const auto parsed =
      exporter::ParseCommandLine(std::vector<std::string>(argv + 3, argv + argc), around.variable);
  const auto* line = std::get_if<exporter::CommandLine>(&parsed);
  if (line == nullptr) return exporter::kExitUsage;
  exporter::BlockSignals();
  exporter::ShareHeap();
  scrape::ConfigureLog(line->log_level, line->log_format);
  try {
    exporter::LiveConfig live(line->config_file, line->web_config_file, around);
    exporter::Config config = *live.InForce();
    config.options.time_scale = std::atof(argv[1]);
    config.options.time_origin = scrape::SystemTime(std::chrono::milliseconds(std::atoll(argv[2])));
    return Serve(*line, config, *live.WebInForce(), &live, {});
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return exporter::kExitFailure;
  }
}
