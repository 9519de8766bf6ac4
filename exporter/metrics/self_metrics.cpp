#include "exporter/metrics/self_metrics.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <string>

#include "exporter/metrics/values.h"

namespace exporter {
namespace {

using scrape::Collector;
using scrape::kCollectorsByName;
using scrape::Reason;

std::array<Reason, scrape::kReasonCount> ReasonsByName() {
  std::array<Reason, scrape::kReasonCount> reasons = scrape::kReasons;
  std::sort(reasons.begin(), reasons.end(),
            [](Reason a, Reason b) { return NameOf(a) < NameOf(b); });
  return reasons;
}

}  // namespace

void ClientHostPaused(const MetricsView& view, Series& series) {
  for (const scrape::HostState& host : view.input.snapshot->hosts) {
    series.Add({{"host", host.name}}, ToSample(host.paused));
  }
}

void ClientKeysWaiting(const MetricsView& view, Series& series) {
  for (const scrape::HostState& host : view.input.snapshot->hosts) {
    series.Add({{"host", host.name}}, static_cast<double>(host.keys_waiting));
  }
}

void ClientRequestDuration(const MetricsView& view, Series& series) {
  for (const Collector collector : kCollectorsByName) {
    if (!view.input.selection.Has(collector)) continue;
    const scrape::ClientCounters& counters = view.input.snapshot->client[IndexOf(collector)];
    prometheus::ClientMetric::Histogram histogram;
    histogram.sample_sum = counters.duration_sum_seconds;
    for (std::size_t i = 0; i < counters.duration_buckets.size(); ++i) {
      histogram.sample_count += counters.duration_buckets[i];
      const bool last = i == scrape::kDurationBuckets.size();
      histogram.bucket.push_back(
          {histogram.sample_count,
           last ? std::numeric_limits<double>::infinity() : scrape::kDurationBuckets[i]});
    }
    series.AddHistogram({{"collector", NameOf(collector)}}, histogram);
  }
}

void ClientRequestFailures(const MetricsView& view, Series& series) {
  static const std::array<Reason, scrape::kReasonCount> by_name = ReasonsByName();
  for (const Collector collector : kCollectorsByName) {
    if (!view.input.selection.Has(collector)) continue;
    const scrape::ClientCounters& counters = view.input.snapshot->client[IndexOf(collector)];
    for (const Reason reason : by_name) {
      series.Add({{"collector", NameOf(collector)}, {"reason", NameOf(reason)}},
                 static_cast<double>(counters.failures[IndexOf(reason)]));
    }
  }
}

void ClientRequests(const MetricsView& view, Series& series) {
  for (const Collector collector : kCollectorsByName) {
    if (!view.input.selection.Has(collector)) continue;
    series.Add({{"collector", NameOf(collector)}},
               static_cast<double>(view.input.snapshot->client[IndexOf(collector)].requests));
  }
}

void BuildInfoLabels(const MetricsView& view, Series& series) {
  const BuildInfo& build = view.input.build;
  series.Add({{"arch", build.arch},
              {"compiler", build.compiler},
              {"os", build.os},
              {"revision", build.revision},
              {"version", build.version}},
             1);
}

void ConfigLastReloadSuccessTimestamp(const MetricsView& view, Series& series) {
  const std::optional<scrape::SystemTime>& time = view.input.config.last_success;
  if (time) series.Add({}, ToSeconds(*time));
}

void ConfigLastReloadSuccessful(const MetricsView& view, Series& series) {
  series.Add({}, ToSample(view.input.config.successful));
}

void ConfiguredKeys(const MetricsView& view, Series& series) {
  series.Add({}, static_cast<double>(view.keys.size()));
}

void HttpRequests(const MetricsView& view, Series& series) {
  std::string code;
  for (const HttpRequestCount& count : view.input.http_requests) {
    code = std::to_string(count.code);
    series.Add({{"code", code}, {"handler", count.handler}}, static_cast<double>(count.requests));
  }
}

void ShardIndex(const MetricsView& view, Series& series) {
  const scrape::Shard& shard = view.input.options.shard;
  if (shard.total > 1) series.Add({}, shard.index);
}

void ShardTotal(const MetricsView& view, Series& series) {
  const scrape::Shard& shard = view.input.options.shard;
  if (shard.total > 1) series.Add({}, shard.total);
}

void StateWriteFailures(const MetricsView& view, Series& series) {
  const auto failures = view.input.snapshot->state_write_failures;
  if (failures) series.Add({}, static_cast<double>(*failures));
}

}  // namespace exporter
