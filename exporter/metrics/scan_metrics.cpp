#include "exporter/metrics/scan_metrics.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string_view>

#include "exporter/metrics/values.h"

namespace exporter {
namespace {

using scrape::ScanTotals;

// The indexes of `names` in the order of the names, which is the order of the series.
template <std::size_t kCount>
constexpr std::array<std::size_t, kCount> Sorted(
    const std::array<std::string_view, kCount>& names) {
  std::array<std::size_t, kCount> order{};
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&names](std::size_t a, std::size_t b) { return names[a] < names[b]; });
  return order;
}

// What was counted stays, whatever becomes of the key.
template <typename Add>
void ForEachTotals(const MetricsView& view, Add add) {
  for (const KeyView& key : view.keys) {
    if (key.state->history != nullptr) add(key, key.state->history->totals);
  }
}

// {key, `label`}, with a value of `names` each.
template <std::size_t kCount>
void PerName(const MetricsView& view, Series& series, std::string_view label,
             const std::array<std::string_view, kCount>& names,
             const std::array<std::uint64_t, kCount> ScanTotals::*counts) {
  const auto order = Sorted(names);
  ForEachTotals(view, [&](const KeyView& key, const ScanTotals& totals) {
    for (const std::size_t i : order) {
      series.Add({{"key", key.name}, {label, names[i]}}, static_cast<double>((totals.*counts)[i]));
    }
  });
}

void PerKey(const MetricsView& view, Series& series, std::uint64_t ScanTotals::*count) {
  ForEachTotals(view, [&](const KeyView& key, const ScanTotals& totals) {
    series.Add({{"key", key.name}}, static_cast<double>(totals.*count));
  });
}

}  // namespace

void ScanDlpVerdicts(const MetricsView& view, Series& series) {
  PerName(view, series, "verdict", scrape::kDlpVerdicts, &ScanTotals::dlp);
}

void ScanEngineDetections(const MetricsView& view, Series& series) {
  PerKey(view, series, &ScanTotals::engine_detections);
}

void ScanEngines(const MetricsView& view, Series& series) {
  PerKey(view, series, &ScanTotals::engines);
}

void ScanHistoryInProgress(const MetricsView& view, Series& series) {
  for (const KeyView& key : view.keys) {
    if (key.history == nullptr) continue;
    series.Add({{"key", key.name}}, static_cast<double>(key.history->in_progress));
  }
}

void ScanHistoryLastScan(const MetricsView& view, Series& series) {
  for (const KeyView& key : view.keys) {
    if (key.history == nullptr || !key.history->last_scan) continue;
    series.Add({{"key", key.name}}, ToSample(*key.history->last_scan));
  }
}

void ScanHistoryTruncated(const MetricsView& view, Series& series) {
  for (const KeyView& key : view.keys) {
    if (key.history != nullptr) series.Add({{"key", key.name}}, ToSample(key.history->truncated));
  }
}

void ScanSandboxVerdicts(const MetricsView& view, Series& series) {
  PerName(view, series, "verdict", scrape::kSandboxVerdicts, &ScanTotals::sandbox);
}

void ScanSanitizations(const MetricsView& view, Series& series) {
  PerName(view, series, "result", scrape::kSanitizationResults, &ScanTotals::sanitizations);
}

void ScanVulnerabilities(const MetricsView& view, Series& series) {
  PerName(view, series, "severity", scrape::kVulnerabilitySeverities, &ScanTotals::vulnerabilities);
}

void Scans(const MetricsView& view, Series& series) {
  PerName(view, series, "result", scrape::kScanResults, &ScanTotals::results);
}

void ScansBlocked(const MetricsView& view, Series& series) {
  PerKey(view, series, &ScanTotals::blocked);
}

}  // namespace exporter
