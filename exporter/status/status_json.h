#pragma once
// A Status as JSON: the body of /api/v1/status. Its members are documented in docs/status.md and
// are what scripts build on. Pure, any thread.

#include <string>

#include "exporter/status/status.h"

namespace exporter {

// One line with its end. What is not known is null.
[[nodiscard]] std::string StatusJson(const Status& status);

}  // namespace exporter
