#pragma once
// Every metric of this program in one place: name, type, labels, HELP and the function that makes
// its series. The exposition is built from it, and the tables of the documentation are tested
// against it. Constant data, any thread.

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <prometheus/metric_type.h>

#include "exporter/metrics/key_view.h"
#include "exporter/metrics/series.h"
#include "scrape/api/collector.h"

namespace exporter {

struct MetricSpec {
  std::string_view name;
  prometheus::MetricType type;
  std::string_view labels;  // names, sorted, separated by ", "; kOwnLabels for the user's own
  std::optional<scrape::Collector> cached_from;  // whose answers the values are taken from
  std::string_view help;
  void (*build)(const MetricsView&, Series&);
};

inline constexpr std::string_view kOwnLabels = "your own";

// Sorted by name.
[[nodiscard]] std::span<const MetricSpec> MetricTable();

// The HELP text: what the metric means and, for cached values, where their age is told.
[[nodiscard]] std::string HelpOf(const MetricSpec& spec);

}  // namespace exporter
