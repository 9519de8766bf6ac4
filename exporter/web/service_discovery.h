#pragma once
// /sd: the configured keys as targets for Prometheus' http_sd_configs, each one a /probe of this
// exporter. Pure, any thread.

#include <optional>
#include <string>

#include "exporter/config/external_url.h"
#include "http/message.h"
#include "scrape/snapshot.h"

namespace exporter {

// `external` is where this exporter is reached; without it that is what the request called it
// (Host).
[[nodiscard]] http::Response ServiceDiscovery(const scrape::Snapshot& snapshot,
                                              const std::optional<ExternalUrl>& external,
                                              const http::Request& request);

}  // namespace exporter
