#pragma once
// Families about the scans in the history of a key: how many were finished with which result since
// the history was first read. Once it was, every value of every label is there, from 0 on, so that
// the first infection is an increase. Pure functions of the view, called by the metric table.

#include "exporter/metrics/key_view.h"
#include "exporter/metrics/series.h"

namespace exporter {

void ScanDlpVerdicts(const MetricsView& view, Series& series);
void ScanEngineDetections(const MetricsView& view, Series& series);
void ScanEngines(const MetricsView& view, Series& series);
void ScanHistoryInProgress(const MetricsView& view, Series& series);
void ScanHistoryLastScan(const MetricsView& view, Series& series);
void ScanHistoryTruncated(const MetricsView& view, Series& series);
void ScanSandboxVerdicts(const MetricsView& view, Series& series);
void ScanSanitizations(const MetricsView& view, Series& series);
void ScanVulnerabilities(const MetricsView& view, Series& series);
void Scans(const MetricsView& view, Series& series);
void ScansBlocked(const MetricsView& view, Series& series);

}  // namespace exporter
