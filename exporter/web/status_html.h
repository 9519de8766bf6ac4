#pragma once
// A Status as the page at "/": complete without its script, which only renews it. Pure, any thread.

#include <string>

#include "exporter/status/status.h"
#include "exporter/web/status_view.h"

namespace exporter {

// Names, labels and whatever the service said are shown as text, whatever stands in them. Links are
// relative, so that the page works below any path of a proxy.
[[nodiscard]] std::string StatusHtml(const Status& status, const StatusQuery& query,
                                     const std::string& telemetry_path);

}  // namespace exporter
