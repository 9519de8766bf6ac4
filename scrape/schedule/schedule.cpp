#include "scrape/schedule/schedule.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

#include "scrape/schedule/backoff.h"
#include "scrape/schedule/stretch.h"

namespace scrape {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kSlot{50};
constexpr milliseconds kIpBlockedPause =
    std::chrono::hours(1);  // as long as the service blocks an address

}  // namespace

Schedule::Schedule(const std::vector<std::shared_ptr<const ApiKey>>& keys, const ScheduleCaps& caps,
                   std::uint64_t seed, SteadyTime now)
    : caps_(caps), random_(seed), next_slot_(now) {
  const std::map<std::string, double> factors = StretchFactors(keys, caps.max_requests_per_second);
  for (const std::shared_ptr<const ApiKey>& key : keys) {
    KeyPlan plan;
    const std::string host = HostOf(key->base_url);
    const double factor = factors.at(host);
    plan.host = FindOrAddHost(host, now);
    plan.offset = std::hash<std::string>()(std::to_string(seed) + key->name);
    plan.retry_interval = Stretched(key->scrape_interval, factor);
    for (const Collector collector : kCollectors) {
      Slot& slot = plan.slots[IndexOf(collector)];
      slot.enabled = key->collectors[IndexOf(collector)];
      slot.due = now;
      slot.interval = Stretched(IntervalOf(*key, collector), factor);
    }
    const auto first = std::find(key->collectors.begin(), key->collectors.end(), true);
    if (first != key->collectors.end())
      plan.lead = kCollectors[static_cast<std::size_t>(first - key->collectors.begin())];
    keys_.push_back(plan);
    Requeue(keys_.size() - 1);
  }
}

std::size_t Schedule::FindOrAddHost(const std::string& name, SteadyTime now) {
  const auto found = std::find_if(hosts_.begin(), hosts_.end(),
                                  [&name](const Host& host) { return host.name == name; });
  if (found != hosts_.end()) return static_cast<std::size_t>(found - hosts_.begin());
  hosts_.push_back({.name = name, .tokens = 1, .refilled = now, .queue = {}});
  return hosts_.size() - 1;
}

void Schedule::Refill(Host& host, SteadyTime now) const {
  const double rate = caps_.max_requests_per_second;
  const double burst = std::max(1.0, rate * std::chrono::duration<double>(kSlot).count());
  const std::chrono::duration<double> passed = now - host.refilled;
  host.tokens = std::min(burst, host.tokens + rate * passed.count());
  host.refilled = now;
}

std::vector<Task> Schedule::TakeDue(SteadyTime now) {
  std::vector<Task> started;
  if (now < next_slot_) return started;
  for (std::size_t i = 0; i < hosts_.size(); ++i) {
    Host& host = hosts_[(first_host_ + i) % hosts_.size()];
    Refill(host, now);
    while (in_flight_ < caps_.max_in_flight && host.tokens >= 1 && !host.queue.empty() &&
           host.queue.begin()->first <= now) {
      const Task task = host.queue.begin()->second;
      host.tokens -= 1;
      SlotOf(task).in_flight = true;
      ++in_flight_;
      Requeue(task.key);
      started.push_back(task);
    }
  }
  if (!started.empty()) {
    next_slot_ = now + kSlot;
    first_host_ = (first_host_ + 1) % hosts_.size();
  }
  return started;
}

SteadyTime Schedule::NextWake(SteadyTime now) const {
  SteadyTime wake = SteadyTime::max();
  if (in_flight_ >= caps_.max_in_flight) return wake;  // an answer comes first
  for (const Host& host : hosts_) {
    if (host.queue.empty()) continue;
    SteadyTime at = std::max({host.queue.begin()->first, next_slot_, now});
    const double missing = 1 - host.tokens;
    if (missing > 0) {
      const std::chrono::duration<double> wait(missing / caps_.max_requests_per_second);
      at = std::max(at, host.refilled + std::chrono::ceil<milliseconds>(wait));
    }
    wake = std::min(wake, at);
  }
  return wake;
}

void Schedule::Finish(Task task, SteadyTime started, SteadyTime now, const ScrapeError* error) {
  Slot& slot = SlotOf(task);
  KeyPlan& key = keys_[task.key];
  slot.in_flight = false;
  --in_flight_;
  if (error == nullptr) {
    slot.failures = 0;
    if (task.collector == key.refused_by) key.refusals = 0;
    Accept(task.key, task.collector, now);
    slot.due = NextRound(key, slot, started, now);
  } else if (error->verdict == Verdict::kRejected || error->verdict == Verdict::kRejectedUnnamed) {
    Stop(task, now);
  } else {
    ++slot.failures;
    if (error->verdict == Verdict::kAccepted) Accept(task.key, task.collector, now);
    switch (error->reason) {
      case Reason::kForbidden:
      case Reason::kMtlsRequired:
        Refuse(task, now, milliseconds(0));
        break;
      case Reason::kIpBlocked:
        Refuse(task, now, kIpBlockedPause);
        break;
      default:
        Retry(task, started, now);
    }
  }
  Requeue(task.key);
}

void Schedule::Cancel(Task task) {
  SlotOf(task).in_flight = false;
  --in_flight_;
  Requeue(task.key);
}

void Schedule::Accept(std::size_t key_index, Collector by, SteadyTime now) {
  KeyPlan& key = keys_[key_index];
  if (by == key.rejected_by) key.rejections = 0;
  key.ever_accepted = true;
  if (key.phase == Phase::kProven) return;
  key.phase = Phase::kProven;
  for (const Collector collector : kCollectors) {
    if (collector != by) key.slots[IndexOf(collector)].due = now;
  }
}

void Schedule::Stop(Task task, SteadyTime now) {
  KeyPlan& key = keys_[task.key];
  key.phase = Phase::kStopped;
  ++key.rejections;
  key.rejected_by = task.collector;
  key.slots[IndexOf(key.lead)].due = now + RejectionPause(key.rejections, key.ever_accepted);
}

void Schedule::Refuse(Task task, SteadyTime now, milliseconds at_least) {
  KeyPlan& key = keys_[task.key];
  if (now >= key.hold_until) {  // else: another collector of the same round heard the same
    ++key.refusals;
    key.refused_by = task.collector;
    key.hold_until = now + RefusalPause(key.refusals);
  }
  key.hold_until = std::max(key.hold_until, now + at_least);
  for (Slot& slot : key.slots) slot.due = std::max(slot.due, key.hold_until);
}

void Schedule::Retry(Task task, SteadyTime started, SteadyTime now) {
  KeyPlan& key = keys_[task.key];
  Slot& slot = SlotOf(task);
  const double random = std::uniform_real_distribution<double>(0, 1)(random_);
  slot.due =
      std::max(started + FailurePause(slot.failures, key.retry_interval, random), key.hold_until);
  if (key.phase != Phase::kUnproven) return;
  for (Slot& other : key.slots) {
    if (&other != &slot) other.due = std::max(other.due, now + key.retry_interval);
  }
}

SteadyTime Schedule::NextRound(const KeyPlan& key, const Slot& slot, SteadyTime started,
                               SteadyTime now) const {
  const auto interval = static_cast<std::uint64_t>(slot.interval.count());
  const auto earliest =
      static_cast<std::uint64_t>(std::chrono::duration_cast<milliseconds>(
                                     std::max(started + slot.interval / 2, now).time_since_epoch())
                                     .count());
  const std::uint64_t offset = key.offset % interval;
  const std::uint64_t rounds =
      (earliest + interval - offset) / interval;  // the first one after `earliest`
  return SteadyTime(milliseconds(rounds * interval + offset));
}

void Schedule::Requeue(std::size_t key_index) {
  KeyPlan& key = keys_[key_index];
  Host& host = hosts_[key.host];
  bool any_in_flight = false;
  std::optional<Collector> earliest;  // of equals the first one: `info`
  for (const Collector collector : kCollectors) {
    Slot& slot = key.slots[IndexOf(collector)];
    any_in_flight = any_in_flight || slot.in_flight;
    if (slot.queued_for) host.queue.erase({*slot.queued_for, Task{key_index, collector}});
    slot.queued_for.reset();
    const bool sooner = !earliest || slot.due < key.slots[IndexOf(*earliest)].due;
    if (slot.enabled && sooner) earliest = collector;
  }
  if (key.phase == Phase::kProven) {
    for (const Collector collector : kCollectors) Enqueue({key_index, collector});
  } else if (!any_in_flight && earliest) {
    Enqueue({key_index, key.phase == Phase::kStopped ? key.lead : *earliest});
  }
}

void Schedule::Enqueue(Task task) {
  Slot& slot = SlotOf(task);
  if (!slot.enabled || slot.in_flight) return;
  slot.queued_for = slot.due;
  hosts_[keys_[task.key].host].queue.emplace(slot.due, task);
}

std::chrono::milliseconds Schedule::Interval(Task task) const { return SlotOf(task).interval; }

std::optional<SteadyTime> Schedule::NextAttempt(Task task) const { return SlotOf(task).queued_for; }

}  // namespace scrape
