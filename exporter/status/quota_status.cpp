#include "exporter/status/quota_status.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string_view>

namespace exporter {
namespace {

using scrape::ApiValues;
using scrape::SystemTime;
using std::chrono::milliseconds;

std::optional<double> ValueOf(const ApiValues* values, std::string_view api) {
  if (values == nullptr) return std::nullopt;
  const auto found = std::ranges::lower_bound(*values, api, {}, &ApiValues::value_type::first);
  if (found == values->end() || found->first != api) return std::nullopt;
  return found->second;
}

void AddNames(const ApiValues* values, std::vector<std::string_view>& names) {
  if (values == nullptr) return;
  for (const auto& [name, value] : *values) names.emplace_back(name);
}

// Where the numbers of a key stand; null: not known.
struct Sources {
  const ApiValues* used = nullptr;
  const ApiValues* remaining = nullptr;
  const ApiValues* limits = nullptr;
  const ApiValues* organization = nullptr;
};

Sources SourcesOf(const KeyView& key) {
  Sources sources;
  if (key.limits != nullptr) sources.used = &key.limits->used;
  if (key.status != nullptr) sources.remaining = &key.status->remaining;
  if (key.info != nullptr) {
    sources.limits = &key.info->entitlement.quota_limits;
    if (key.info->organization != nullptr) {
      sources.organization = &key.info->organization->entitlement.quota_limits;
    }
  }
  return sources;
}

void FindAmounts(const Sources& sources, ApiStatus& quota) {
  quota.used = ValueOf(sources.used, quota.api);
  quota.remaining = ValueOf(sources.remaining, quota.api);
  const std::optional<double> own = ValueOf(sources.limits, quota.api);
  const std::optional<double> organization = ValueOf(sources.organization, quota.api);
  if (quota.used && quota.remaining && *quota.used + *quota.remaining > 0) {
    quota.limit = *quota.used + *quota.remaining;
  } else if (organization && *organization > 0) {
    quota.limit = organization;
  } else if (own) {
    quota.limit = own;
  }
  if (!quota.limit) return;
  quota.entitled = *quota.limit > 0;
  if (!*quota.entitled || !quota.used) return;
  quota.share = *quota.used / *quota.limit;
  if (!quota.remaining) quota.remaining = *quota.limit - *quota.used;
}

// The pace since the window opened, as late as it may have. Told once two intervals have passed:
// what was used in the first moments says little of the rest.
std::optional<double> UsedPerHour(const ApiStatus& quota, const scrape::QuotaWindowState& window,
                                  const scrape::CollectorState& limits) {
  if (!quota.used || !window.reset || !window.window || !limits.last_success) return std::nullopt;
  const milliseconds since_open = *limits.last_success - (*window.reset - *window.window);
  const auto least = std::chrono::duration_cast<milliseconds>(2 * limits.interval);
  if (since_open < std::max(least, milliseconds(1)) || *quota.used < 0) return std::nullopt;
  return *quota.used / std::chrono::duration<double, std::ratio<3600>>(since_open).count();
}

void FindTimes(const KeyView& key, SystemTime now, ApiStatus& quota) {
  if (key.state->windows == nullptr || key.limits == nullptr) return;
  const auto& windows = *key.state->windows;
  const auto window =
      std::ranges::lower_bound(windows, quota.api, {}, &scrape::QuotaWindowState::family);
  if (window == windows.end() || window->family != quota.api) return;
  // A window that has ended says nothing of the next one.
  if (!window->reset || *window->reset <= now) return;
  quota.resets_at = window->reset;
  quota.reset_uncertainty = window->reset_uncertainty;
  const auto& limits = key.state->collectors[IndexOf(scrape::Collector::kLimits)];
  quota.used_per_hour = UsedPerHour(quota, *window, limits);
  if (!quota.used_per_hour || *quota.used_per_hour <= 0 || !quota.remaining) return;
  constexpr double kLongestHours = 24.0 * 366 * 10;  // beyond it nobody cares, and clocks overflow
  const double hours = std::max(*quota.remaining, 0.0) / *quota.used_per_hour;
  if (!std::isfinite(hours) || hours > kLongestHours) return;
  const auto wait = std::chrono::duration_cast<milliseconds>(
      std::chrono::duration<double, std::ratio<3600>>(hours));
  quota.runs_out_at = std::max(*limits.last_success + wait, now);
  quota.lasts = *quota.runs_out_at >= *quota.resets_at;
}

Severity SeverityOf(const ApiStatus& quota) {
  if (quota.entitled == std::optional(false)) return Severity::kOk;
  if (quota.remaining && *quota.remaining <= 0) return Severity::kCritical;
  if (!quota.share) return Severity::kUnknown;
  if (*quota.share >= kNearlyExhaustedShare) return Severity::kCritical;
  if (*quota.share >= kHighShare) return Severity::kWarning;
  const bool runs_out = quota.runs_out_at && !quota.lasts && *quota.share >= kShareOfForecasts;
  return runs_out ? Severity::kWarning : Severity::kOk;
}

}  // namespace

std::vector<ApiStatus> QuotasOf(const KeyView& key, SystemTime now) {
  std::vector<ApiStatus> quotas;
  if (!key.show_quota) return quotas;
  const Sources sources = SourcesOf(key);
  std::vector<std::string_view> names;
  for (const ApiValues* const values :
       {sources.used, sources.remaining, sources.limits, sources.organization}) {
    AddNames(values, names);
  }
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  quotas.reserve(names.size());
  for (const std::string_view api : names) {
    ApiStatus& quota = quotas.emplace_back();
    quota.api = api;
    FindAmounts(sources, quota);
    FindTimes(key, now, quota);
    quota.severity = SeverityOf(quota);
  }
  return quotas;
}

}  // namespace exporter
