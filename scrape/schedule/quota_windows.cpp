#include "scrape/schedule/quota_windows.h"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>

#include "scrape/api/families.h"
#include "scrape/api/label_text.h"

namespace scrape {
namespace {

using std::chrono::milliseconds;

constexpr std::chrono::days kDaily{1};

// Names that come and go must not pile up.
constexpr std::size_t kMaxFamilies = kKnownFamilies.size() + kMaxUnknownFamilies;

// An end moves on the system's clock as that clock is slewed: not worth a new value.
constexpr milliseconds kUnmoved{1000};

std::optional<double> ValueOf(const ApiValues& values, std::string_view family) {
  for (const auto& [name, value] : values) {
    if (name == family) return value;
  }
  return std::nullopt;
}

// An organisation's limits count in place of the key's own.
ApiValues LimitsInForce(const KeyInfo& info) {
  ApiValues limits = info.entitlement.quota_limits;
  if (!info.organization) return limits;
  for (auto& [family, limit] : limits) {
    limit = ValueOf(info.organization->entitlement.quota_limits, family).value_or(limit);
  }
  for (const auto& [family, limit] : info.organization->entitlement.quota_limits) {
    if (!ValueOf(limits, family)) limits.emplace_back(family, limit);
  }
  return limits;
}

std::string TimeIntervalInForce(const KeyInfo& info) {
  if (info.organization && !info.organization->entitlement.time_interval.empty()) {
    return info.organization->entitlement.time_interval;
  }
  return info.entitlement.time_interval;
}

}  // namespace

void QuotaWindows::Configure(const WindowLength& length, milliseconds confirmed_within) {
  configured_length_ = length;
  confirmed_within_ = confirmed_within;
  for (auto& [name, family] : families_) family.window.Times().SetLength(LengthInForce());
}

bool QuotaWindows::Sound(SteadyTime now) const {
  return families_.size() <= kMaxFamilies && limits_.size() <= kMaxFamilies &&
         std::all_of(families_.begin(), families_.end(), [now](const auto& family) {
           return IsFamilyName(family.first) && family.second.window.Sound(now);
         });
}

void QuotaWindows::Resume(const WindowLength& length, milliseconds confirmed_within, Moment now) {
  Configure(length, confirmed_within);
  if (!families_.empty()) Publish(now);
}

void QuotaWindows::ForgetAccount(Moment now) {
  owner_.reset();
  limits_.clear();
  time_interval_.clear();
  used_up_.clear();
  for (auto& [name, family] : families_) {
    family.window.Rebaseline(std::nullopt);
    family.window.Times().SetLength(LengthInForce());
    family.exported_reset.reset();
  }
  if (published_) Publish(now);
}

void QuotaWindows::Polled(const Consumption& consumption, milliseconds interval, Moment now) {
  for (const auto& [name, used] : consumption.used) {
    if (used < 0) continue;
    auto found = families_.find(name);
    if (found == families_.end()) {
      if (families_.size() >= kMaxFamilies) continue;
      found = families_.try_emplace(name).first;
      Family& family = found->second;
      family.window.Confirm(ValueOf(limits_, name));
      family.window.Times().SetLength(LengthInForce());
    }
    found->second.window.Observe({used, now, interval, confirmed_within_});
  }
  ForgetKnownLimits();
  Publish(now);
}

void QuotaWindows::Informed(const KeyInfo& info, Moment now) {
  std::string owner = info.organization ? info.organization->organization_id : std::string();
  const bool other_owner = owner_ && *owner_ != owner;
  owner_ = std::move(owner);
  limits_ = LimitsInForce(info);
  time_interval_ = TimeIntervalInForce(info);
  for (auto& [name, family] : families_) {
    const std::optional<double> before = family.window.Limit();
    const std::optional<double> stated = ValueOf(limits_, name);
    const std::optional<double> limit = stated ? stated : before;
    if (other_owner || (before && *limit != *before)) {
      family.window.Rebaseline(limit);
    } else {
      family.window.Confirm(limit);
    }
    family.window.Times().SetLength(LengthInForce());
  }
  ForgetKnownLimits();
  Publish(now);
}

void QuotaWindows::ForgetKnownLimits() {
  const auto removed =
      std::erase_if(limits_, [this](const auto& limit) { return families_.contains(limit.first); });
  if (removed > 0) limits_.shrink_to_fit();
}

void QuotaWindows::Left(const Remaining& remaining) {
  used_up_.clear();
  for (const auto& [family, left] : remaining.remaining) {
    if (left <= 0) used_up_.push_back(family);
  }
}

void QuotaWindows::Stated(const RateLimit& rate_limit, Moment now) {
  const auto found = families_.find(rate_limit.family);
  if (found == families_.end()) return;
  WindowTimes& times = found->second.window.Times();
  if (rate_limit.interval) times.StateLength(*rate_limit.interval);
  if (rate_limit.reset_in) times.StateEnd(now.steady + *rate_limit.reset_in, now.steady);
  Publish(now);
}

void QuotaWindows::Refused(const ScrapeError& error, Moment now) {
  if (!error.reset_in) return;
  for (auto& [name, family] : families_) {
    const bool meant = error.rate_limit_family.empty()
                           ? error.reason == Reason::kQuotaExhausted && IsUsedUp(name)
                           : error.rate_limit_family == name;
    if (meant) family.window.Times().StateEnd(now.steady + *error.reset_in, now.steady);
  }
  Publish(now);
}

std::optional<SteadyTime> QuotaWindows::UsedUpUntil(const ScrapeError& error,
                                                    SteadyTime now) const {
  if (error.reset_in) return now + *error.reset_in;
  std::optional<SteadyTime> of_used_up;
  std::optional<SteadyTime> of_any;
  for (const auto& [name, family] : families_) {
    const std::optional<TimeSpan> end = family.window.Times().End();
    if (!end || end->end <= now) continue;
    of_any = std::max(of_any, std::optional(end->end));
    if (IsUsedUp(name)) of_used_up = std::max(of_used_up, std::optional(end->end));
  }
  return of_used_up ? of_used_up : of_any;
}

WindowLength QuotaWindows::LengthInForce() const {
  if (configured_length_.kind != WindowLength::Kind::kUnknown) return configured_length_;
  if (time_interval_ == "daily") return {.kind = WindowLength::Kind::kFixed, .fixed = kDaily};
  return {};
}

bool QuotaWindows::IsUsedUp(const std::string& family) const {
  return std::find(used_up_.begin(), used_up_.end(), family) != used_up_.end();
}

void QuotaWindows::Publish(Moment now) {
  auto states = std::make_shared<QuotaWindowStates>();
  states->reserve(families_.size());
  for (auto& [name, family] : families_) {
    const WindowTimes& times = family.window.Times();
    QuotaWindowState state{.family = name, .consumed_total = family.window.ConsumedTotal()};
    state.window = times.Length();
    const std::optional<TimeSpan> end = times.End();
    if (end && end->end > now.steady) {
      const SystemTime reset = now.system + std::chrono::round<milliseconds>(end->end - now.steady);
      if (!family.exported_reset || std::chrono::abs(reset - *family.exported_reset) >= kUnmoved) {
        family.exported_reset = reset;
      }
      state.reset = family.exported_reset;
      state.reset_uncertainty = std::chrono::round<milliseconds>(end->end - end->begin);
    }
    states->push_back(std::move(state));
  }
  published_ = std::move(states);
}

}  // namespace scrape
