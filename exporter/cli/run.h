#pragma once
// The program: what main calls.

namespace exporter {

// Returns the exit code: see docs/configuration.md.
[[nodiscard]] int Run(int argc, char** argv);

}  // namespace exporter
