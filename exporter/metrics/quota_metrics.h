#pragma once
// Families about quota and throttling. Values of answers stand as the service gave them: nothing is
// computed from another or clamped; windows and what was consumed in them come from
// scrape/schedule/quota_windows. Pure functions of the view, called by the metric table.

#include "exporter/metrics/key_view.h"
#include "exporter/metrics/series.h"

namespace exporter {

void QuotaConsumed(const MetricsView& view, Series& series);
void QuotaLimit(const MetricsView& view, Series& series);
void QuotaRemaining(const MetricsView& view, Series& series);
void QuotaReset(const MetricsView& view, Series& series);
void QuotaResetUncertainty(const MetricsView& view, Series& series);
void QuotaUsed(const MetricsView& view, Series& series);
void QuotaWindow(const MetricsView& view, Series& series);
void OrganizationQuotaLimit(const MetricsView& view, Series& series);

void ThrottleLimit(const MetricsView& view, Series& series);
void ThrottleRemaining(const MetricsView& view, Series& series);
void Throttled(const MetricsView& view, Series& series);

}  // namespace exporter
