#pragma once
// Families that say how far the other values can be trusted: per key and collector, whether it was
// asked, when, and what came of it. Pure functions of the view, called by the metric table.

#include "exporter/metrics/key_view.h"
#include "exporter/metrics/series.h"

namespace exporter {

void ApiResponseTime(const MetricsView& view, Series& series);
void CollectorDuration(const MetricsView& view, Series& series);
void CollectorError(const MetricsView& view, Series& series);
void CollectorInterval(const MetricsView& view, Series& series);
void CollectorLastSuccess(const MetricsView& view, Series& series);
void CollectorNextAttempt(const MetricsView& view, Series& series);
void CollectorSuccess(const MetricsView& view, Series& series);
void Up(const MetricsView& view, Series& series);

}  // namespace exporter
