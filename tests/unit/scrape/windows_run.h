#pragma once
// A key that uses one family, poll by poll, before the rules of scrape/schedule/quota_windows.

#include <chrono>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>

#include "scrape/schedule/quota_windows.h"

namespace test {

using namespace std::chrono_literals;
using scrape::Moment;
using scrape::QuotaWindows;
using scrape::QuotaWindowState;
using scrape::SteadyTime;
using scrape::SystemTime;
using scrape::WindowLength;

inline const SystemTime kBegin = std::chrono::sys_days(std::chrono::year(2026) / 3 / 10) + 12h;

inline scrape::KeyInfo Info(double limit, const std::string& organization = "",
                            const std::string& time_interval = "daily") {
  scrape::KeyInfo info;
  info.entitlement.quota_limits = {{"feed", limit}};
  info.entitlement.time_interval = time_interval;
  if (!organization.empty()) {
    info.organization = std::make_shared<scrape::OrganizationInfo>();
    info.organization->organization_id = organization;
  }
  return info;
}

inline scrape::Remaining Remaining(double feed) {
  scrape::Remaining remaining;
  remaining.remaining = {{"feed", feed}};
  return remaining;
}

// One key that uses one family, polled once a minute.
struct WindowsRun {
  Moment now{SteadyTime(100h), kBegin};
  QuotaWindows windows;

  explicit WindowsRun(const WindowLength& length = {}, std::chrono::milliseconds confirm = 0ms)
      : windows(length, confirm) {}

  void Pass(std::chrono::milliseconds time) {
    now.steady += time;
    now.system += time;
  }
  // `every`: sooner than by itself, as probes do.
  WindowsRun& Poll(std::initializer_list<double> values, std::chrono::milliseconds every = 1min) {
    for (const double used : values) {
      Pass(every);
      windows.Polled({.used = {{"feed", used}}}, 1min, now);
    }
    return *this;
  }
  const QuotaWindowState& State() { return windows.Published()->front(); }
  double Consumed() { return State().consumed_total; }
  std::optional<std::chrono::milliseconds> ResetIn() {
    if (!State().reset) return std::nullopt;
    return *State().reset - now.system;
  }
};

inline const WindowLength kDay{WindowLength::Kind::kFixed, 24h};

// A key whose window was seen to open, at the last poll.
inline WindowsRun Opened(double used = 1) {
  WindowsRun f(kDay);
  f.Poll({0, 0, 0, used});
  return f;
}

}  // namespace test
