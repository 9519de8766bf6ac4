#pragma once
// The command `once`: asks every key one time, by the same rules as ever (caps, budget of rejected
// requests), and writes what it found as an exposition, for a textfile collector.

#include <iosfwd>

#include "exporter/cli/flags.h"
#include "exporter/config/surroundings.h"

namespace exporter {

// The exposition goes to `out`, or takes the place of line.output_file in one step. Returns the
// exit code: kExitKeyFailed when some key could not be asked through.
[[nodiscard]] int RunOnce(const CommandLine& line, const Surroundings& around, std::ostream& out,
                          std::ostream& err);

}  // namespace exporter
