// What a new configuration means for what is asked: keys come, go, and change.

#include <algorithm>
#include <functional>
#include <iterator>
#include <map>
#include <string>
#include <utility>

#include "scrape/schedule/schedule.h"
#include "scrape/schedule/stretch.h"

namespace scrape {

std::size_t Schedule::TakePlace() {
  if (free_places_.empty()) {
    keys_.emplace_back();
    return keys_.size() - 1;
  }
  const std::size_t place = free_places_.back();
  free_places_.pop_back();
  return place;
}

std::size_t Schedule::Add(const ApiKey& key, SteadyTime now) {
  const std::size_t index = TakePlace();
  KeyPlan plan;
  plan.host = FindOrAddHost(HostOf(key.base_url), now);
  plan.offset = std::hash<std::string>()(std::to_string(seed_) + key.name);
  for (Slot& slot : plan.slots) slot.due = now;
  const auto first = std::find(key.collectors.begin(), key.collectors.end(), true);
  if (first != key.collectors.end())
    plan.lead = kCollectors[static_cast<std::size_t>(first - key.collectors.begin())];
  hosts_[plan.host].keys.push_back(index);
  keys_[index] = plan;
  return index;
}

void Schedule::Remove(std::size_t key, SteadyTime now) {
  Leave(key, now);
  std::erase(hosts_[keys_[key].host].keys, key);
}

// The place is left by its key; only what is in flight keeps it from being free.
void Schedule::Leave(std::size_t key_index, SteadyTime now) {
  KeyPlan& key = keys_[key_index];
  HostPlan& host = hosts_[key.host];
  const bool was_paused = host.Paused();
  host.authentication.Forget(key_index);
  host.asked.erase(key_index);
  host.budget.Forget(key_index);
  told_[key.host].erase(key_index);
  key.presence = std::any_of(key.slots.begin(), key.slots.end(),
                             [](const Slot& slot) { return slot.in_flight; })
                     ? Presence::kLeaving
                     : Presence::kFree;
  Requeue(key_index);
  if (key.presence == Presence::kFree) free_places_.push_back(key_index);
  if (was_paused && !host.Paused()) GoOn(key.host, now);
}

std::size_t Schedule::SecretChanged(std::size_t key_index, SteadyTime now) {
  KeyPlan fresh = keys_[key_index];
  fresh.phase = Phase::kUnproven;
  fresh.ever_accepted = false;
  fresh.secret_changed = true;
  fresh.rejections = fresh.refusals = 0;
  fresh.hold_until = {};
  for (Slot& slot : fresh.slots) {
    slot.in_flight = false;
    slot.trial.reset();
    slot.queued.reset();
    slot.failures = 0;
    slot.finished_at.reset();
    slot.answered = false;
    slot.due = now;
  }
  Leave(key_index, now);
  const std::size_t place = TakePlace();  // the same one when it is free
  keys_[place] = fresh;
  HostPlan& host = hosts_[fresh.host];
  std::replace(host.keys.begin(), host.keys.end(), key_index, place);
  host.authentication.AskAgain(now);  // with this key
  Requeue(place);
  return place;
}

void Schedule::ConfigurationChanged(std::size_t key_index, SteadyTime now) {
  KeyPlan& key = keys_[key_index];
  const bool refused = key.refusals > 0;
  if (refused) {
    key.refusals = 0;
    key.hold_until = {};
  }
  if (key.phase == Phase::kStopped) return;  // that is the secret's fault
  for (Slot& slot : key.slots) {
    if (!refused && slot.failures == 0) continue;
    slot.failures = 0;
    slot.due = std::max(now, key.hold_until);
  }
}

void Schedule::Configure(const Keys& keys, const ScheduleCaps& caps, SteadyTime now) {
  caps_ = caps;
  for (HostPlan& host : hosts_) host.SetCaps(caps, now);
  Keys here;
  std::copy_if(keys.begin(), keys.end(), std::back_inserter(here),
               [](const std::shared_ptr<const ApiKey>& key) { return key != nullptr; });
  const std::map<std::string, double> factors = StretchFactors(here, caps.max_requests_per_second);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (keys[i] != nullptr) Configure(i, *keys[i], factors.at(HostOf(keys[i]->base_url)), now);
  }
  for (std::size_t i = 0; i < hosts_.size(); ++i) CountWaiting(i, now);
}

void Schedule::Configure(std::size_t index, const ApiKey& key, double factor, SteadyTime now) {
  KeyPlan& plan = keys_[index];
  plan.retry_interval = Stretched(key.scrape_interval, factor);
  const SteadyTime lead_due = plan.slots[IndexOf(plan.lead)].due;
  const auto first = std::find(key.collectors.begin(), key.collectors.end(), true);
  if (first != key.collectors.end())
    plan.lead = kCollectors[static_cast<std::size_t>(first - key.collectors.begin())];
  for (const Collector collector : kCollectors) {
    Slot& slot = plan.slots[IndexOf(collector)];
    const bool was_enabled = std::exchange(slot.enabled, key.collectors[IndexOf(collector)]);
    const std::chrono::milliseconds before =
        std::exchange(slot.interval, Stretched(IntervalOf(key, collector), factor));
    if (!was_enabled) {
      slot.due = std::max(now, plan.hold_until);
      slot.failures = 0;
      slot.answered = false;
    } else if (slot.interval < before && plan.phase == Phase::kProven && slot.failures == 0) {
      const SteadyTime sooner = NextRound(plan, slot.interval, slot.asked_at, now);
      slot.due = std::min(slot.due, std::max(sooner, plan.hold_until));
    }
  }
  if (plan.phase == Phase::kStopped) plan.slots[IndexOf(plan.lead)].due = lead_due;
  // Whoever is not asked any more is stood in for.
  if (!key.collectors[IndexOf(plan.accepted_by)]) plan.accepted_by = plan.lead;
  if (!key.collectors[IndexOf(plan.rejected_by)]) plan.rejected_by = plan.lead;
  if (!key.collectors[IndexOf(plan.refused_by)]) plan.refused_by = plan.lead;
  Requeue(index);
}

}  // namespace scrape
