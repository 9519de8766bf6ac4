#pragma once
// The page at "/": what this is and where the metrics are. Pure, any thread.

#include <string>

#include "http/message.h"

namespace exporter {

[[nodiscard]] http::Response LandingPage(const std::string& version,
                                         const std::string& telemetry_path);

}  // namespace exporter
