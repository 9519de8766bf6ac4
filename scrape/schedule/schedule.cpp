// The schedule's days: what is due, sent and queued. What answers mean is in schedule_answers.cpp,
// what a new configuration means in schedule_changes.cpp.

#include "scrape/schedule/schedule.h"

#include <algorithm>

namespace scrape {

using std::chrono::milliseconds;

Schedule::Schedule(const Keys& keys, const ScheduleCaps& caps, std::uint64_t seed, SteadyTime now)
    : caps_(caps), seed_(seed), random_(seed), next_slot_(now) {
  keys_.reserve(keys.size());
  for (const std::shared_ptr<const ApiKey>& key : keys) static_cast<void>(Add(*key, now));
  Configure(keys, caps, now);
}

std::size_t Schedule::FindOrAddHost(const std::string& name, SteadyTime now) {
  const auto found = std::find_if(hosts_.begin(), hosts_.end(),
                                  [&name](const HostPlan& host) { return host.name == name; });
  if (found != hosts_.end()) return static_cast<std::size_t>(found - hosts_.begin());
  hosts_.emplace_back(name, caps_, now);
  waiting_.push_back(0);
  told_.emplace_back();
  return hosts_.size() - 1;
}

std::vector<Task> Schedule::TakeDue(SteadyTime now) {
  std::vector<Task> started;
  if (now < next_slot_) return started;
  for (std::size_t i = 0; i < hosts_.size(); ++i) {
    const std::size_t index = (first_host_ + i) % hosts_.size();
    HostPlan& host = hosts_[index];
    if (host.PauseIsOver(now)) {
      host.EndPause();
      GoOn(index, now);
    }
    Ask(host, now);
    if (host.question && !SlotOf(*host.question).in_flight) {
      Send(*host.question, now);
      started.push_back(*host.question);
    }
    while (in_flight_ < caps_.max_in_flight && host.NextToken(now) <= now) {
      const auto next = host.NextInLine(now);
      if (!next || next->when > now) break;
      Send(next->task, now);
      started.push_back(next->task);
    }
    CountWaiting(index, now);
  }
  if (!started.empty()) {
    next_slot_ = now + kSlot;
    first_host_ = (first_host_ + 1) % hosts_.size();
  }
  return started;
}

void Schedule::Send(Task task, SteadyTime now) {
  HostPlan& host = hosts_[keys_[task.key].host];
  Slot& slot = SlotOf(task);
  slot.trial = TrialOf(LineOf(keys_[task.key], task.collector));
  slot.in_flight = true;
  slot.asked_at = now;
  keys_[task.key].secret_changed = false;
  ++in_flight_;
  host.Sent(task, slot.trial, now);
  Requeue(task.key);
}

SteadyTime Schedule::NextWake(SteadyTime now) {
  SteadyTime wake = SteadyTime::max();
  if (in_flight_ >= caps_.max_in_flight) return wake;  // an answer comes first
  for (HostPlan& host : hosts_) {
    SteadyTime at = SteadyTime::max();
    if (host.PauseReason()) {
      at = host.PausedUntil();
    } else if (host.Held()) {
      if (!host.question) at = host.AskAt(now);
    } else if (const auto next = host.NextInLine(now)) {
      at = std::max(next->when, host.NextToken(now));
    }
    wake = std::min(wake, at);
  }
  return wake == SteadyTime::max() ? wake : std::max({wake, next_slot_, now});
}

void Schedule::Cancel(Task task) {
  Slot& slot = SlotOf(task);
  HostPlan& host = hosts_[keys_[task.key].host];
  slot.in_flight = false;
  --in_flight_;
  if (std::exchange(slot.trial, std::nullopt)) host.budget.Ended(task.key);
  if (host.question == task) host.question.reset();
  Requeue(task.key);
}

void Schedule::Hurry(std::size_t key_index, SteadyTime now) {
  KeyPlan& key = keys_[key_index];
  if (key.phase != Phase::kProven || HeldBack(key_index, now)) return;
  for (Slot& slot : key.slots) {
    if (slot.answered && now - *slot.finished_at >= kFresh) slot.due = std::min(slot.due, now);
  }
  Requeue(key_index);
}

bool Schedule::Pending(std::size_t key_index, SteadyTime since, SteadyTime now) const {
  const KeyPlan& key = keys_[key_index];
  const HostPlan& host = hosts_[key.host];
  return std::any_of(key.slots.begin(), key.slots.end(), [&](const Slot& slot) {
    const SteadyTime fresh_from = slot.answered ? since - kFresh : since;
    if (!slot.enabled || (slot.finished_at && *slot.finished_at > fresh_from)) return false;
    return slot.in_flight || IsNext(host, slot, now);
  });
}

bool Schedule::IsNext(const HostPlan& host, const Slot& slot, SteadyTime now) {
  return slot.queued && slot.queued->second <= now && !host.Held() &&
         !WaitsForBudget(host, slot, now);
}

Line Schedule::LineOf(const KeyPlan& key, Collector collector) {
  switch (key.phase) {
    case Phase::kProven:
      // The others may be granted; this one is as likely to be rejected as before.
      if (key.rejections > 0 && key.rejected_by == collector) return Line::kStopped;
      return Line::kAccepted;
    case Phase::kUnproven:
      return key.secret_changed ? Line::kChanged : Line::kUnknown;
    case Phase::kStopped:
      return Line::kStopped;
  }
  return Line::kAccepted;
}

void Schedule::Requeue(std::size_t key_index) {
  KeyPlan& key = keys_[key_index];
  HostPlan& host = hosts_[key.host];
  bool any_in_flight = false;
  std::optional<Collector> earliest;  // of equals the first one: `info`
  for (const Collector collector : kCollectors) {
    Slot& slot = key.slots[IndexOf(collector)];
    any_in_flight = any_in_flight || slot.in_flight;
    if (slot.queued) host.Remove(slot.queued->first, slot.queued->second, {key_index, collector});
    slot.queued.reset();
    const bool sooner = !earliest || slot.due < key.slots[IndexOf(*earliest)].due;
    if (slot.enabled && sooner) earliest = collector;
  }
  if (any_in_flight || key.presence != Presence::kHere) return;
  if (key.phase == Phase::kProven) {
    for (const Collector collector : kCollectors) Enqueue({key_index, collector});
  } else if (earliest) {
    Enqueue({key_index, key.phase == Phase::kStopped ? key.lead : *earliest});
  }
}

void Schedule::Enqueue(Task task) {
  Slot& slot = SlotOf(task);
  if (!slot.enabled) return;
  const KeyPlan& key = keys_[task.key];
  slot.queued = {LineOf(key, task.collector), slot.due};
  hosts_[key.host].Enqueue(slot.queued->first, slot.due, task);
}

milliseconds Schedule::Interval(Task task) const { return SlotOf(task).interval; }

bool Schedule::WaitsForBudget(const HostPlan& host, const Slot& slot, SteadyTime now) {
  if (!slot.queued || slot.queued->second > now || host.Paused()) return false;
  const std::optional<Trial> trial = TrialOf(slot.queued->first);
  return trial && host.budget.Spent(*trial, now);
}

bool Schedule::WaitsForBudget(std::size_t key_index, SteadyTime now) const {
  const KeyPlan& key = keys_[key_index];
  const HostPlan& host = hosts_[key.host];
  return std::any_of(key.slots.begin(), key.slots.end(),
                     [&](const Slot& slot) { return WaitsForBudget(host, slot, now); });
}

std::optional<SteadyTime> Schedule::NextAttempt(Task task, SteadyTime now) const {
  const Slot& slot = SlotOf(task);
  if (!slot.queued) return std::nullopt;
  const HostPlan& host = HostOfKey(task.key);
  SteadyTime at = slot.queued->second;
  if (host.PauseReason()) {
    at = std::max(at, host.PausedUntil());
  } else if (host.Held()) {
    at = std::max(at, host.AskAt(now));
  } else if (WaitsForBudget(host, slot, now)) {
    const SteadyTime room = host.budget.NextRoom(*TrialOf(slot.queued->first), now);
    if (room != SteadyTime::max()) at = std::max(at, room);
  }
  return at;
}

}  // namespace scrape
