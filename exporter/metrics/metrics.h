#pragma once
// A snapshot as families: the way from what is known to what is exposed. Pure, any thread.

#include <functional>
#include <string>
#include <vector>

#include <prometheus/metric_family.h>

#include "exporter/metrics/metrics_input.h"

namespace exporter {

// Calls `consume` with one family after the other, sorted by name; each vector holds one family and
// is good during the call only. Families without series are left out.
void ForEachFamily(
    const MetricsInput& input,
    const std::function<void(const std::vector<prometheus::MetricFamily>&)>& consume);

// The whole exposition in the text format. `size_hint`: about how long it will be.
[[nodiscard]] std::string RenderText(const MetricsInput& input, std::size_t size_hint = 0);
// The same, compressed family by family into one gzip member.
[[nodiscard]] std::string RenderGzip(const MetricsInput& input, std::size_t size_hint = 0);

}  // namespace exporter
