#pragma once
// One key as far as it is to be shown at one moment: what its answers may still be used for is
// decided here, once, for metrics and pages. Valid as long as the snapshot it was made from.

#include <string_view>
#include <vector>

#include "exporter/metrics/metrics_input.h"

namespace exporter {

struct KeyView {
  std::string_view name;
  const scrape::KeyState* state = nullptr;
  // Null when never answered, or past the collector's keep_until.
  const scrape::KeyInfo* info = nullptr;
  const scrape::Consumption* limits = nullptr;
  const scrape::Remaining* status = nullptr;
  // Of the last round; null for a rejected key, too. The totals stay in state->history.
  const scrape::ScanHistory* history = nullptr;
  bool show_quota = true;  // false for a rejected key: its quota says nothing any more
};

// What the builders of families read.
struct MetricsView {
  const MetricsInput& input;
  std::vector<KeyView> keys;  // those selected, sorted by name
};

[[nodiscard]] KeyView ViewOf(const scrape::KeyState& state, scrape::SteadyTime now);
[[nodiscard]] MetricsView ViewOf(const MetricsInput& input);

}  // namespace exporter
