#include "exporter/metrics/health_metrics.h"

#include <optional>
#include <string_view>

#include "exporter/metrics/values.h"

namespace exporter {
namespace {

using scrape::Collector;
using scrape::CollectorState;
using scrape::kCollectorsByName;

bool Succeeded(const CollectorState& state) {
  return state.attempted && !state.paused && !state.failure;
}

using ValueOf = std::optional<double> (*)(const CollectorState&);

void PerCollector(const MetricsView& view, Series& series, ValueOf value_of) {
  for (const Collector collector : kCollectorsByName) {
    if (!view.input.selection.Has(collector)) continue;
    for (const KeyView& key : view.keys) {
      const CollectorState& state = key.state->collectors[IndexOf(collector)];
      if (!state.enabled) continue;
      const std::optional<double> value = value_of(state);
      if (value) series.Add({{"collector", NameOf(collector)}, {"key", key.name}}, *value);
    }
  }
}

}  // namespace

void ApiResponseTime(const MetricsView& view, Series& series) {
  PerCollector(view, series,
               [](const CollectorState& state) { return state.api_response_time_seconds; });
}

void CollectorDuration(const MetricsView& view, Series& series) {
  PerCollector(view, series, [](const CollectorState& state) {
    return state.attempted ? std::optional(state.duration.count()) : std::nullopt;
  });
}

void CollectorError(const MetricsView& view, Series& series) {
  for (const Collector collector : kCollectorsByName) {
    if (!view.input.selection.Has(collector)) continue;
    for (const KeyView& key : view.keys) {
      const CollectorState& state = key.state->collectors[IndexOf(collector)];
      if (!state.enabled) continue;
      const auto add = [&](std::string_view reason) {
        series.Add({{"collector", NameOf(collector)}, {"key", key.name}, {"reason", reason}}, 1);
      };
      const bool unreadable = key.state->key->secret_unreadable;
      // Its own failure says more than that it is not asked any more.
      const std::string_view reason = state.failure  ? NameOf(*state.failure)
                                      : state.paused ? scrape::kPausedReason
                                                     : std::string_view();
      if (!reason.empty() && (!unreadable || reason < scrape::kSecretReason)) add(reason);
      if (unreadable) add(scrape::kSecretReason);
      if (!reason.empty() && unreadable && reason > scrape::kSecretReason) add(reason);
    }
  }
}

void CollectorInterval(const MetricsView& view, Series& series) {
  PerCollector(view, series, [](const CollectorState& state) {
    return state.interval.count() > 0 ? std::optional(state.interval.count()) : std::nullopt;
  });
}

void CollectorLastSuccess(const MetricsView& view, Series& series) {
  PerCollector(view, series, [](const CollectorState& state) {
    return state.last_success ? std::optional(ToSeconds(*state.last_success)) : std::nullopt;
  });
}

void CollectorNextAttempt(const MetricsView& view, Series& series) {
  PerCollector(view, series, [](const CollectorState& state) {
    return state.next_attempt ? std::optional(ToSeconds(*state.next_attempt)) : std::nullopt;
  });
}

void CollectorSuccess(const MetricsView& view, Series& series) {
  PerCollector(view, series, [](const CollectorState& state) {
    const bool known = state.attempted || state.paused;
    return known ? std::optional(ToSample(Succeeded(state))) : std::nullopt;
  });
}

void Up(const MetricsView& view, Series& series) {
  for (const KeyView& key : view.keys) {
    bool any = false;
    bool all = true;
    for (const CollectorState& state : key.state->collectors) {
      if (!state.enabled) continue;
      any = true;
      all = all && Succeeded(state);
    }
    series.Add({{"key", key.name}}, any && all ? 1 : 0);
  }
}

}  // namespace exporter
