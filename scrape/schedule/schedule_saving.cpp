// What survives a restart.

#include <algorithm>
#include <utility>

#include "scrape/schedule/schedule.h"

namespace scrape {
namespace {

// Nothing is put off for longer, whatever a file says.
constexpr std::chrono::hours kMostPause{6};

constexpr int kMostRejections = 1000;

}  // namespace

std::optional<SavedStop> Schedule::StopOf(std::size_t key_index) const {
  const KeyPlan& key = keys_[key_index];
  if (key.phase != Phase::kStopped) return std::nullopt;
  const AuthenticationBrake& brake = HostOfKey(key_index).authentication;
  if (brake.Current() != AuthenticationBrake::State::kOff && brake.Episode().contains(key_index)) {
    return std::nullopt;
  }
  return SavedStop{.rejections = key.rejections,
                   .ever_accepted = key.ever_accepted,
                   .rejected_by = std::string(NameOf(key.rejected_by)),
                   .retry_at = key.slots[IndexOf(key.lead)].due};
}

void Schedule::ResumeStop(std::size_t key_index, const SavedStop& stop, SteadyTime now) {
  KeyPlan& key = keys_[key_index];
  key.phase = Phase::kStopped;
  key.rejections = std::clamp(stop.rejections, 1, kMostRejections);
  key.ever_accepted = stop.ever_accepted;
  const Collector by = CollectorByName(stop.rejected_by).value_or(key.lead);
  key.rejected_by = key.slots[IndexOf(by)].enabled ? by : key.lead;
  key.slots[IndexOf(key.lead)].due = std::min(stop.retry_at, now + kMostPause);
  Requeue(key_index);
}

void Schedule::ResumeWithNewSecret(std::size_t key) {
  keys_[key].secret_changed = true;
  Requeue(key);
}

std::vector<SavedHost> Schedule::SaveHosts(const NameAt& name_at, SteadyTime now) const {
  std::vector<SavedHost> saved;
  for (const HostPlan& host : hosts_) {
    SavedHost& one = saved.emplace_back();
    one.name = host.name;
    for (const RejectionBudget::Rejection& entry : host.budget.Rejections(now)) {
      const bool here = entry.key && keys_[*entry.key].presence == Presence::kHere;
      one.rejections.push_back({.at = entry.time,
                                .key = here ? std::optional(name_at(*entry.key)) : std::nullopt,
                                .of_stopped = entry.stopped});
    }
    for (const SteadyTime at : host.budget.BeyondBudget()) one.beyond_budget.push_back({at});
    if (const std::optional<Reason> reason = host.PauseReason()) {
      one.pause = {.reason = std::string(NameOf(*reason)), .until = host.PausedUntil()};
    }
    if (one.rejections.empty() && one.beyond_budget.empty() && !one.pause) saved.pop_back();
  }
  return saved;
}

void Schedule::ResumeHost(const SavedHost& saved, const PlaceOf& place_of, SteadyTime now) {
  const std::size_t index = FindOrAddHost(saved.name, now);
  HostPlan& host = hosts_[index];
  std::vector<RejectionBudget::Rejection> rejections;
  for (const SavedRejection& rejection : saved.rejections) {
    const std::optional<std::size_t> key = rejection.key ? place_of(*rejection.key) : std::nullopt;
    const bool of_this_host = key && keys_[*key].host == index;
    rejections.push_back({.time = std::min(rejection.at, now),
                          .key = of_this_host ? key : std::nullopt,
                          .stopped = rejection.of_stopped});
  }
  std::vector<SteadyTime> beyond;
  for (const SavedTime& time : saved.beyond_budget) beyond.push_back(std::min(time.at, now));
  host.budget.Resume(std::move(rejections), std::move(beyond));
  const std::optional<Reason> reason =
      saved.pause ? ReasonByName(saved.pause->reason) : std::nullopt;
  if (reason && saved.pause->until > now) {
    host.Pause(*reason, std::min(saved.pause->until, now + kMostPause));
    changed_.insert(index);
    news_.push_back({.host = index, .reason = reason, .until = host.PausedUntil()});
  }
  CountWaiting(index, now);
}

}  // namespace scrape
