// What answers mean for their key and its host.

#include <algorithm>

#include "scrape/schedule/backoff.h"
#include "scrape/schedule/schedule.h"

namespace scrape {
namespace {

using std::chrono::milliseconds;

// As long as the service blocks an address.
constexpr milliseconds kIpBlockedPause = std::chrono::hours(1);
constexpr int kTooManyConnections = 429002;

// Whether something else is wrong than the key or its quota, so that the host is to be slowed.
bool IsFailureOfHost(const ScrapeError& error) {
  if (IsRejection(error) || error.verdict == Verdict::kAccepted) return false;
  return error.reason != Reason::kForbidden && error.reason != Reason::kIpBlocked &&
         error.api_code != kTooManyConnections;
}

bool PausesHost(const ScrapeError& error) {
  return error.reason == Reason::kIpBlocked || error.api_code == kTooManyConnections;
}

// The least wait that the service asked for.
milliseconds StatedWait(const ScrapeError& error) {
  return error.retry_after ? AtMost6Hours(*error.retry_after) : milliseconds(0);
}

}  // namespace

void Schedule::Finish(Task task, SteadyTime started, SteadyTime now, const ScrapeError* error) {
  if (Leaving(task.key)) {
    FinishLeaving(task, started, now, error);
    return;
  }
  Slot& slot = SlotOf(task);
  KeyPlan& key = keys_[task.key];
  HostPlan& host = hosts_[key.host];
  const std::optional<Trial> trial = Take(task, error, now);
  slot.finished_at = now;
  slot.answered = error == nullptr;
  if (error == nullptr) {
    slot.failures = 0;
    if (task.collector == key.refused_by) key.refusals = 0;
    host.Answered(started);
    Accept(task.key, task.collector, now);
    slot.due = NextRound(key, slot.interval, started, now);
  } else if (IsRejection(*error)) {
    host.budget.Rejected(task.key, trial, now);
    Stop(task, *error, now);
  } else {
    ++slot.failures;
    if (error->verdict == Verdict::kAccepted) Accept(task.key, task.collector, now);
    FollowUp(task, *error, started, now);
  }
  if (caps_.one_round) slot.enabled = false;
  Follow(task, error, now);
}

void Schedule::FinishPart(Task task, SteadyTime started, SteadyTime now) {
  if (Leaving(task.key)) {
    FinishLeaving(task, started, now, nullptr);
    return;
  }
  static_cast<void>(Take(task, nullptr, now));
  hosts_[keys_[task.key].host].Answered(started);
  Accept(task.key, task.collector, now);
  SlotOf(task).due = now;
  Follow(task, nullptr, now);
}

std::optional<Trial> Schedule::Take(Task task, const ScrapeError* error, SteadyTime now) {
  Slot& slot = SlotOf(task);
  HostPlan& host = hosts_[keys_[task.key].host];
  slot.in_flight = false;
  --in_flight_;
  const std::optional<Trial> trial = std::exchange(slot.trial, std::nullopt);
  if (trial) host.budget.Ended(task.key);
  host.failures.Attempted(error != nullptr && IsFailureOfHost(*error), now);
  return trial;
}

void Schedule::Follow(Task task, const ScrapeError* error, SteadyTime now) {
  const std::size_t host_index = keys_[task.key].host;
  HostPlan& host = hosts_[host_index];
  if (host.question == task) {
    host.question.reset();
    AnswerQuestion(host_index, error, now);
  }
  Requeue(task.key);
  CountWaiting(host_index, now);
}

// Nothing is of interest any more but what it tells of the host.
void Schedule::FinishLeaving(Task task, SteadyTime started, SteadyTime now,
                             const ScrapeError* error) {
  Slot& slot = SlotOf(task);
  KeyPlan& key = keys_[task.key];
  HostPlan& host = hosts_[key.host];
  slot.in_flight = false;
  --in_flight_;
  host.budget.Ended(task.key);
  host.failures.Attempted(error != nullptr && IsFailureOfHost(*error), now);
  if (error == nullptr) {
    host.Answered(started);
  } else if (IsRejection(*error)) {
    host.budget.Rejected(task.key, slot.trial, now);
    host.budget.Forget(task.key);
  } else if (PausesHost(*error)) {
    PauseHost(key.host, *error, now);
  }
  slot.trial.reset();
  if (host.question == task) {
    host.question.reset();
    AnswerQuestion(key.host, error, now);
  }
  CountWaiting(key.host, now);
  key.presence = Presence::kFree;
  free_places_.push_back(task.key);
}

void Schedule::FollowUp(Task task, const ScrapeError& error, SteadyTime started, SteadyTime now) {
  const bool key_waits =
      error.reason == Reason::kQuotaExhausted ||
      (error.reason == Reason::kThrottled && error.verdict == Verdict::kAccepted);
  const std::optional<std::chrono::seconds> stated =
      error.retry_after ? error.retry_after : error.reset_in;
  if (error.reason == Reason::kForbidden || error.reason == Reason::kMtlsRequired) {
    Refuse(task, error, now);
  } else if (key_waits && stated) {
    WaitForQuota(task, *stated, started, now);
  } else {
    Retry(task, error, started, now);
    if (key_waits) {
      KeyPlan& key = keys_[task.key];
      key.hold_until = std::max(key.hold_until, SlotOf(task).due);
      Hold(key);
    }
    if (PausesHost(error)) PauseHost(keys_[task.key].host, error, now);
  }
}

void Schedule::Accept(std::size_t key_index, Collector by, SteadyTime now) {
  KeyPlan& key = keys_[key_index];
  if (by == key.rejected_by) key.rejections = 0;
  key.accepted_at = now;
  key.accepted_by = WatcherOf({key_index, by});
  if (!std::exchange(key.ever_accepted, true)) hosts_[key.host].budget.FirstAccepted(now);
  if (key.phase == Phase::kProven) return;
  key.phase = Phase::kProven;
  for (const Collector collector : kCollectors) {
    if (collector != by) key.slots[IndexOf(collector)].due = now;
  }
}

void Schedule::Stop(Task task, const ScrapeError& error, SteadyTime now) {
  KeyPlan& key = keys_[task.key];
  if (key.phase == Phase::kProven) {
    HostPlan& host = hosts_[key.host];
    host.authentication.Rejected(task.key, now);
  }
  key.phase = Phase::kStopped;
  ++key.rejections;
  key.rejected_by = WatcherOf(task);
  const milliseconds pause = RejectionPause(key.rejections, key.ever_accepted);
  key.slots[IndexOf(key.lead)].due = now + std::max(pause, StatedWait(error));
}

void Schedule::Refuse(Task task, const ScrapeError& error, SteadyTime now) {
  KeyPlan& key = keys_[task.key];
  if (now >= key.hold_until) {  // else: another collector of the same round heard the same
    ++key.refusals;
    key.refused_by = WatcherOf(task);
    key.hold_until = now + RefusalPause(key.refusals);
  }
  key.hold_until = std::max(key.hold_until, now + StatedWait(error));
  Hold(key);
}

void Schedule::WaitForQuota(Task task, std::chrono::seconds stated, SteadyTime started,
                            SteadyTime now) {
  KeyPlan& key = keys_[task.key];
  key.hold_until = std::max(key.hold_until, now + ExhaustedPause(stated));
  SlotOf(task).due = started + key.retry_interval;
  Hold(key);
}

// Afterwards the one comes first that was not asked for longest: what is refused to one collector
// may be granted to another.
void Schedule::Hold(KeyPlan& key) {
  std::array<Slot*, kCollectorCount> by_age;
  std::transform(key.slots.begin(), key.slots.end(), by_age.begin(),
                 [](Slot& slot) { return &slot; });
  std::sort(by_age.begin(), by_age.end(),
            [](const Slot* a, const Slot* b) { return a->asked_at < b->asked_at; });
  SteadyTime due = key.hold_until;
  for (Slot* slot : by_age) {
    slot->due = std::max(slot->due, due);
    due += milliseconds(1);
  }
}

void Schedule::Retry(Task task, const ScrapeError& error, SteadyTime started, SteadyTime now) {
  KeyPlan& key = keys_[task.key];
  Slot& slot = SlotOf(task);
  const double random = std::uniform_real_distribution<double>(0, 1)(random_);
  slot.due = std::max({started + FailurePause(slot.failures, key.retry_interval, random),
                       now + StatedWait(error), key.hold_until});
  // The only round there is asks the others at once: one endpoint may fail alone.
  if (key.phase != Phase::kUnproven || caps_.one_round) return;
  for (Slot& other : key.slots) {
    if (&other == &slot) continue;
    other.due = std::max(other.due, now + std::max(key.retry_interval, StatedWait(error)));
  }
}

SteadyTime Schedule::NextRound(const KeyPlan& key, milliseconds interval_kept, SteadyTime started,
                               SteadyTime now) const {
  const auto interval = static_cast<std::uint64_t>(interval_kept.count());
  const auto earliest =
      static_cast<std::uint64_t>(std::chrono::duration_cast<milliseconds>(
                                     std::max(started + interval_kept / 2, now).time_since_epoch())
                                     .count());
  const std::uint64_t offset = key.offset % interval;
  const std::uint64_t rounds =
      (earliest + interval - offset) / interval;  // the first one after `earliest`
  return SteadyTime(milliseconds(rounds * interval + offset));
}

void Schedule::Ask(HostPlan& host, SteadyTime now) {
  if (host.PauseReason() || !host.Held() || host.question || host.AskAt(now) > now) return;
  if (in_flight_ >= caps_.max_in_flight || host.NextToken(now) > now) return;
  host.question = QuestionFor(host, now);
  if (!host.question && !host.asked.empty()) {
    host.asked.clear();  // all of them were asked: once more
    host.question = QuestionFor(host, now);
  }
  if (host.question) {
    host.asked.insert(host.question->key);
  } else {  // all have a request under way, or wait: soon one will not
    host.authentication.AskAgain(now + std::chrono::seconds(1));
  }
}

// The key that was accepted last, by the endpoint that accepted it: it is the least likely to be
// withdrawn too, or to fail for another reason. Else one of the rejected keys, else a new one.
std::optional<Task> Schedule::QuestionFor(const HostPlan& host, SteadyTime now) const {
  const std::set<std::size_t> episode = host.authentication.Episode();
  std::optional<Task> accepted;
  std::optional<Task> rejected;
  std::optional<Task> unknown;
  for (const std::size_t index : host.keys) {
    const KeyPlan& key = keys_[index];
    const bool busy = std::any_of(key.slots.begin(), key.slots.end(),
                                  [](const Slot& slot) { return slot.in_flight; });
    if (busy || now < key.hold_until || host.asked.contains(index)) continue;
    if (key.secret_changed) return Task{index, key.lead};
    switch (key.phase) {
      case Phase::kProven:
        if (!accepted || key.accepted_at > keys_[accepted->key].accepted_at) {
          accepted = {index, key.accepted_by};
        }
        break;
      case Phase::kStopped:
        if (episode.contains(index)) rejected = {index, key.lead};
        break;
      case Phase::kUnproven:
        unknown = {index, key.lead};
        break;
    }
  }
  if (accepted) return accepted;
  return rejected ? rejected : unknown;
}

void Schedule::AnswerQuestion(std::size_t host_index, const ScrapeError* error, SteadyTime now) {
  using Answer = AuthenticationBrake::Answer;
  HostPlan& host = hosts_[host_index];
  Answer answer = Answer::kNone;
  if (error == nullptr || error->verdict == Verdict::kAccepted) answer = Answer::kAccepted;
  if (error != nullptr && IsRejection(*error)) answer = Answer::kRejected;
  const bool was_paused = host.Paused();
  for (const std::size_t lifted : host.authentication.Answered(answer, now)) {
    KeyPlan& key = keys_[lifted];
    if (key.phase != Phase::kStopped) continue;
    key.phase = Phase::kProven;
    key.rejections = 0;
    Spread(lifted, now);
  }
  if (!host.Held()) host.asked.clear();
  if (host.Paused() && !was_paused) {
    changed_.insert(host_index);
    news_.push_back({.host = host_index, .until = host.AskAt(now)});
  }
  if (was_paused && !host.Paused()) GoOn(host_index, now);
}

void Schedule::PauseHost(std::size_t host_index, const ScrapeError& error, SteadyTime now) {
  HostPlan& host = hosts_[host_index];
  const std::optional<Reason> before = host.PauseReason();
  if (error.reason == Reason::kIpBlocked) {
    host.Pause(error.reason, now + std::max(kIpBlockedPause, StatedWait(error)));
  } else {
    host.PauseTooMany(error.retry_after, now);
  }
  changed_.insert(host_index);
  if (host.PauseReason() == before) return;
  news_.push_back({.host = host_index, .reason = host.PauseReason(), .until = host.PausedUntil()});
}

void Schedule::GoOn(std::size_t host_index, SteadyTime now) {
  const HostPlan& host = hosts_[host_index];
  changed_.insert(host_index);
  if (host.Paused()) return;  // for another reason
  for (const std::size_t key : host.keys) {
    if (keys_[key].phase == Phase::kProven) Spread(key, now);
  }
  news_.push_back({.host = host_index, .kind = HostNews::Kind::kGoesOn});
}

void Schedule::Spread(std::size_t key_index, SteadyTime now) {
  KeyPlan& key = keys_[key_index];
  for (Slot& slot : key.slots) {
    if (slot.due <= now) {
      slot.due = NextRound(key, key.retry_interval, now - key.retry_interval, now);
    }
  }
  Requeue(key_index);
}

void Schedule::CountWaiting(std::size_t host_index, SteadyTime now) {
  HostPlan& host = hosts_[host_index];
  const std::size_t waiting = host.Waiting(now);
  const std::size_t before = std::exchange(waiting_[host_index], waiting);
  if (waiting == before) return;
  changed_.insert(host_index);
  std::set<std::size_t> rejected = host.budget.RejectedKeys(now);
  if (waiting == 0 || rejected == told_[host_index]) return;
  told_[host_index] = rejected;
  news_.push_back({.host = host_index,
                   .kind = HostNews::Kind::kKeysWait,
                   .until = host.RoomForWaiting(now),
                   .waiting = waiting,
                   .rejected = std::move(rejected)});
}

}  // namespace scrape
