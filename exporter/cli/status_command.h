#pragma once
// The command `status`: every key asked once, or again and again, and a table of it for people, or
// JSON for scripts.

#include <ostream>

#include "exporter/cli/flags.h"
#include "exporter/config/surroundings.h"

namespace exporter {

// Main thread; with --watch after BlockSignals(). `out` is standard output. Returns the exit code.
[[nodiscard]] int RunStatus(const CommandLine& line, const Surroundings& around, std::ostream& out,
                            std::ostream& err);

}  // namespace exporter
