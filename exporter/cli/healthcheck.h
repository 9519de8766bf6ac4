#pragma once
// The command `healthcheck`: asks a running exporter, for container health checks and chart tests.

#include <iosfwd>
#include <string>

namespace exporter {

// Returns the exit code: success only for an answer of 200 within 5 s; otherwise one line on `err`.
// Never through a proxy: the exporter is on this host or in this cluster.
[[nodiscard]] int RunHealthcheck(const std::string& url, std::ostream& err);

}  // namespace exporter
