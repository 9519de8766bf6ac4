#include "exporter/metrics/quota_metrics.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "exporter/metrics/short_text.h"

namespace exporter {
namespace {

using scrape::ApiValues;
using scrape::QuotaWindowState;
using scrape::QuotaWindowStates;

std::string_view ApiOf(const ApiValues::value_type& value) { return value.first; }
std::string_view ApiOf(const QuotaWindowState& window) { return window.family; }

std::optional<double> Value(const ApiValues::value_type& value) { return value.second; }

double Seconds(std::chrono::milliseconds time) {
  return std::chrono::duration<double>(time).count();
}

// `values_of` gives the values of a key, sorted by API; null: nothing to show for this key.
// `value_of` gives the number of one of them, if there is one.
template <typename Values, typename ValueOf>
void PerApi(const MetricsView& view, Series& series, const Values* (*values_of)(const KeyView&),
            ValueOf value_of) {
  struct Row {
    std::string_view key;
    const Values* values = nullptr;
    std::size_t next = 0;  // values before this one are written
  };
  std::vector<Row> rows;
  rows.reserve(view.keys.size());
  std::vector<std::string_view> apis;  // sorted; the few that occur
  for (const KeyView& key : view.keys) {
    const Values* const values = values_of(key);
    if (values == nullptr || values->empty()) continue;
    rows.push_back({key.name, values});
    std::size_t at = 0;  // both are sorted: most often the next one is the next one
    for (const auto& value : *values) {
      const std::string_view api = ApiOf(value);
      while (at < apis.size() && !IsSame(apis[at], api) && apis[at] < api) ++at;
      if (at == apis.size() || !IsSame(apis[at], api)) {
        apis.insert(apis.begin() + static_cast<std::ptrdiff_t>(at), api);
      }
    }
  }
  for (const std::string_view api : apis) {
    for (Row& row : rows) {
      if (row.next == row.values->size() || !IsSame(ApiOf((*row.values)[row.next]), api)) {
        continue;
      }
      const std::optional<double> value = value_of((*row.values)[row.next]);
      if (value) series.Add({{"api", api}, {"key", row.key}}, *value);
      ++row.next;
    }
  }
}

// What was counted stays, whatever becomes of the key.
const QuotaWindowStates* Counted(const KeyView& key) { return key.state->windows.get(); }

// Windows and resets are as good as the answers they were taken from.
const QuotaWindowStates* Windows(const KeyView& key) {
  return key.limits != nullptr && key.show_quota ? key.state->windows.get() : nullptr;
}

}  // namespace

void QuotaConsumed(const MetricsView& view, Series& series) {
  PerApi(view, series, Counted,
         [](const QuotaWindowState& window) { return std::optional(window.consumed_total); });
}

void QuotaLimit(const MetricsView& view, Series& series) {
  PerApi<ApiValues>(
      view, series,
      [](const KeyView& key) -> const ApiValues* {
        return key.info != nullptr && key.show_quota ? &key.info->entitlement.quota_limits
                                                     : nullptr;
      },
      Value);
}

void QuotaRemaining(const MetricsView& view, Series& series) {
  PerApi<ApiValues>(
      view, series,
      [](const KeyView& key) -> const ApiValues* {
        return key.status != nullptr && key.show_quota ? &key.status->remaining : nullptr;
      },
      Value);
}

void QuotaReset(const MetricsView& view, Series& series) {
  PerApi(view, series, Windows, [&view](const QuotaWindowState& window) {
    const bool to_come = window.reset && *window.reset > view.input.now;
    return to_come ? std::optional(Seconds(window.reset->time_since_epoch())) : std::nullopt;
  });
}

void QuotaResetUncertainty(const MetricsView& view, Series& series) {
  PerApi(view, series, Windows, [&view](const QuotaWindowState& window) {
    const bool to_come = window.reset && *window.reset > view.input.now;
    return to_come ? std::optional(Seconds(window.reset_uncertainty)) : std::nullopt;
  });
}

void QuotaWindow(const MetricsView& view, Series& series) {
  PerApi(view, series, Windows, [](const QuotaWindowState& window) {
    return window.window ? std::optional(Seconds(*window.window)) : std::nullopt;
  });
}

void QuotaUsed(const MetricsView& view, Series& series) {
  PerApi<ApiValues>(
      view, series,
      [](const KeyView& key) -> const ApiValues* {
        return key.limits != nullptr && key.show_quota ? &key.limits->used : nullptr;
      },
      Value);
}

void OrganizationQuotaLimit(const MetricsView& view, Series& series) {
  PerApi<ApiValues>(
      view, series,
      [](const KeyView& key) -> const ApiValues* {
        const bool member = key.info != nullptr && key.info->organization != nullptr;
        return member ? &key.info->organization->entitlement.quota_limits : nullptr;
      },
      Value);
}

void ThrottleLimit(const MetricsView& view, Series& series) {
  for (const KeyView& key : view.keys) {
    if (key.info == nullptr || !key.show_quota) continue;
    const std::optional<double>& limit = key.info->entitlement.throttle_limit;
    if (limit) series.Add({{"key", key.name}}, *limit);
  }
}

void ThrottleRemaining(const MetricsView& view, Series& series) {
  for (const KeyView& key : view.keys) {
    if (key.status == nullptr || !key.show_quota) continue;
    const std::optional<double>& remaining = key.status->throttle_remaining;
    if (remaining) series.Add({{"key", key.name}}, *remaining);
  }
}

void Throttled(const MetricsView& view, Series& series) {
  for (const KeyView& key : view.keys) {
    const auto& collectors = key.state->collectors;
    const bool asked =
        std::any_of(collectors.begin(), collectors.end(),
                    [](const scrape::CollectorState& collector) { return collector.attempted; });
    if (asked && key.show_quota) {
      series.Add({{"key", key.name}}, key.state->throttled ? 1 : 0);
    }
  }
}

}  // namespace exporter
