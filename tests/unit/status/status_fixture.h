#pragma once
// The status of keys of tests/metrics_fixture.h, at its moment.

#include <memory>
#include <utility>
#include <vector>

#include "exporter/status/status.h"
#include "tests/metrics_fixture.h"

namespace test {

inline exporter::StatusFacts Facts() {
  return {.version = "1.2.3",
          .now = kNow,
          .steady_now = kSteadyNow,
          .uptime = std::chrono::minutes(90)};
}

inline exporter::Status StatusOfKeys(std::vector<std::shared_ptr<const scrape::KeyState>> keys,
                                     std::vector<scrape::HostState> hosts = {}) {
  auto snapshot = std::make_shared<scrape::Snapshot>();
  snapshot->keys = std::move(keys);
  snapshot->hosts = std::move(hosts);
  snapshot->first_round_attempted = true;
  return exporter::StatusOf(std::move(snapshot), Facts());
}

}  // namespace test
