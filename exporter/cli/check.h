#pragma once
// The command `check`: reads configuration and secrets as a start would, asks nobody. Also the
// words in which a start tells of warnings and of stretched intervals.

#include <iosfwd>
#include <string>

#include "exporter/config/config.h"
#include "exporter/config/web_config.h"

namespace exporter {

// Problems and warnings go to `err`, one line of what was found to `out`. Returns the exit code.
// `web_config_file`: empty for none.
[[nodiscard]] int RunCheck(const ConfigFile& file, const std::string& web_config_file,
                           const Surroundings& around, std::ostream& out, std::ostream& err);

// "TLS, client certificates, 2 users": how the pages are guarded; empty when they are not.
[[nodiscard]] std::string Summarize(const WebConfig& web);

// "12 keys, limits and status every 1m, ...": what `config` comes to.
[[nodiscard]] std::string Summarize(const Config& config);

// What the caps do to the intervals, in one sentence; empty when the keys fit.
[[nodiscard]] std::string DescribeStretch(const Config& config);

}  // namespace exporter
