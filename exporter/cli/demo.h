#pragma once
// The command `demo`: a simulated MetaDefender Cloud on loopback, and the exporter against it.

#include "exporter/cli/flags.h"

namespace exporter {

// Blocks as Serve() does; no configuration is read but that of the pages. Returns the exit code.
[[nodiscard]] int RunDemo(const CommandLine& line, const Surroundings& around);

}  // namespace exporter
