#include "exporter/cli/run.h"

#include <exception>
#include <iostream>
#include <string>
#include <variant>
#include <vector>

#include "exporter/cli/check.h"
#include "exporter/cli/demo.h"
#include "exporter/cli/flags.h"
#include "exporter/cli/healthcheck.h"
#include "exporter/cli/once.h"
#include "exporter/cli/process.h"
#include "exporter/cli/serve.h"
#include "exporter/cli/signals.h"
#include "exporter/cli/status_command.h"
#include "exporter/config/surroundings.h"
#include "scrape/event_log.h"

namespace exporter {
namespace {

// Whether all that went to standard output has arrived; says so if not.
bool Printed() {
  if (std::cout << std::flush) return true;
  std::cerr << "mdcloud_exporter: standard output cannot be written\n";
  return false;
}

int RunCommand(const CommandLine& line, const Surroundings& around) {
  switch (line.command) {
    case Command::kServe:
      return RunServe(line, around);
    case Command::kCheck: {
      const int code =
          RunCheck(line.config_file, line.web_config_file, around, std::cout, std::cerr);
      return Printed() ? code : kExitFailure;
    }
    case Command::kOnce: {
      const int code = RunOnce(line, around, std::cout, std::cerr);
      return Printed() ? code : kExitFailure;
    }
    case Command::kStatus: {
      const int code = RunStatus(line, around, std::cout, std::cerr);
      return Printed() ? code : kExitFailure;
    }
    case Command::kHealthcheck:
      return RunHealthcheck(line.health_url, std::cerr);
    case Command::kDemo:
      return RunDemo(line, around);
  }
  return kExitUsage;
}

}  // namespace

int Run(int argc, char** argv) {
  const Surroundings around = SystemSurroundings();
  try {
    const std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
    const auto parsed = ParseCommandLine(arguments, around.variable);
    if (const auto* exit = std::get_if<EarlyExit>(&parsed)) {
      std::cout << exit->output;
      if (!exit->error.empty()) std::cerr << exit->error << '\n';
      return Printed() ? exit->code : kExitFailure;
    }
    const auto& line = std::get<CommandLine>(parsed);
    const bool at_once = line.command == Command::kCheck || line.command == Command::kHealthcheck;
    if (!at_once) BlockSignals();  // before the first thread
    ShareHeap();
    FillStandardStreams();
    RaiseFileLimit();
    ProtectMemory();
    scrape::ConfigureLog(line.log_level, line.log_format);
    return RunCommand(line, around);
  } catch (const std::exception& error) {
    std::cerr << "mdcloud_exporter: " << error.what() << '\n';
    return kExitFailure;
  }
}

}  // namespace exporter
