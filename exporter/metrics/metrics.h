#pragma once
// A snapshot as families: the way from what is known to what is exposed. Pure, any thread.

#include <cstddef>
#include <string>

#include "exporter/metrics/exposition.h"
#include "exporter/metrics/metrics_input.h"
#include "exporter/metrics/series.h"

namespace exporter {

// Hands on one family after the other, sorted by name, each in one or more pieces. Families without
// series, and those that the selection leaves out, are not.
void ForEachFamily(const MetricsInput& input, const FamilyConsumer& consume);

// The whole exposition. `size_hint`: about how long it will be.
[[nodiscard]] std::string RenderText(const MetricsInput& input, Format format = Format::kText,
                                     std::size_t size_hint = 0);
// The same, compressed on the way into one gzip member.
[[nodiscard]] std::string RenderGzip(const MetricsInput& input, Format format = Format::kText,
                                     std::size_t size_hint = 0);

}  // namespace exporter
