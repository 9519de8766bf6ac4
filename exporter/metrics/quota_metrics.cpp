#include "exporter/metrics/quota_metrics.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <vector>

#include "exporter/metrics/short_text.h"

namespace exporter {
namespace {

using scrape::ApiValues;

// Null: nothing to show for this key.
using ValuesOf = const ApiValues* (*)(const KeyView&);

void PerApi(const MetricsView& view, Series& series, ValuesOf values_of) {
  struct Row {
    std::string_view key;
    const ApiValues* values = nullptr;
    std::size_t next = 0;  // values before this one are written
  };
  std::vector<Row> rows;
  rows.reserve(view.keys.size());
  std::vector<std::string_view> apis;  // sorted; the few that occur
  for (const KeyView& key : view.keys) {
    const ApiValues* values = values_of(key);
    if (values == nullptr || values->empty()) continue;
    rows.push_back({key.name, values});
    std::size_t at = 0;  // both are sorted: most often the next one is the next one
    for (const auto& [api, value] : *values) {
      while (at < apis.size() && !IsSame(apis[at], api) && apis[at] < api) ++at;
      if (at == apis.size() || !IsSame(apis[at], api)) {
        apis.insert(apis.begin() + static_cast<std::ptrdiff_t>(at), api);
      }
    }
  }
  for (const std::string_view api : apis) {
    for (Row& row : rows) {
      if (row.next == row.values->size() || !IsSame((*row.values)[row.next].first, api)) {
        continue;
      }
      series.Add({{"api", api}, {"key", row.key}}, (*row.values)[row.next].second);
      ++row.next;
    }
  }
}

}  // namespace

void QuotaLimit(const MetricsView& view, Series& series) {
  PerApi(view, series, [](const KeyView& key) -> const ApiValues* {
    return key.info != nullptr && key.show_quota ? &key.info->entitlement.quota_limits : nullptr;
  });
}

void QuotaRemaining(const MetricsView& view, Series& series) {
  PerApi(view, series, [](const KeyView& key) -> const ApiValues* {
    return key.status != nullptr && key.show_quota ? &key.status->remaining : nullptr;
  });
}

void QuotaUsed(const MetricsView& view, Series& series) {
  PerApi(view, series, [](const KeyView& key) -> const ApiValues* {
    return key.limits != nullptr && key.show_quota ? &key.limits->used : nullptr;
  });
}

void OrganizationQuotaLimit(const MetricsView& view, Series& series) {
  PerApi(view, series, [](const KeyView& key) -> const ApiValues* {
    const bool member = key.info != nullptr && key.info->organization.has_value();
    return member ? &key.info->organization->entitlement.quota_limits : nullptr;
  });
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
