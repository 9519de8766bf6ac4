#pragma once
// Families about this program: its requests to the service, its build and configuration, its own
// HTTP requests, its process. Pure functions of the view, called by the metric table.

#include "exporter/metrics/key_view.h"
#include "exporter/metrics/series.h"

namespace exporter {

void ClientRequestDuration(const MetricsView& view, Series& series);
void ClientRequestFailures(const MetricsView& view, Series& series);
void ClientHostPaused(const MetricsView& view, Series& series);
void ClientKeysWaiting(const MetricsView& view, Series& series);
void ClientRequests(const MetricsView& view, Series& series);

void BuildInfoLabels(const MetricsView& view, Series& series);
void ConfigLastReloadSuccessTimestamp(const MetricsView& view, Series& series);
void ConfigLastReloadSuccessful(const MetricsView& view, Series& series);
void ConfiguredKeys(const MetricsView& view, Series& series);
void HttpRequests(const MetricsView& view, Series& series);
void ShardIndex(const MetricsView& view, Series& series);
void ShardTotal(const MetricsView& view, Series& series);
void StateWriteFailures(const MetricsView& view, Series& series);

template <auto kMember>
void Process(const MetricsView& view, Series& series) {
  const auto& value = view.input.process.*kMember;
  if (value) series.Add({}, *value);
}

}  // namespace exporter
