#include "scrape/schedule/host_plan.h"

#include <algorithm>
#include <iterator>

#include "scrape/schedule/backoff.h"

namespace scrape {
namespace {

constexpr std::array kLinesOfTrials = {Line::kChanged, Line::kUnknown, Line::kStopped};

}  // namespace

std::optional<Trial> TrialOf(Line line) {
  switch (line) {
    case Line::kAccepted:
      return std::nullopt;
    case Line::kChanged:
      return Trial::kChanged;
    case Line::kUnknown:
      return Trial::kUnknown;
    case Line::kStopped:
      return Trial::kStopped;
  }
  return std::nullopt;
}

HostPlan::HostPlan(std::string host_name, const ScheduleCaps& caps, SteadyTime now)
    : name(std::move(host_name)),
      budget(caps.max_rejected_requests_per_hour),
      failures(caps.max_requests_per_second, now),
      refilled_(now) {}

void HostPlan::SetCaps(const ScheduleCaps& caps, SteadyTime now) {
  budget.SetPerHour(caps.max_rejected_requests_per_hour);
  failures.SetMaximum(caps.max_requests_per_second, now);
}

void HostPlan::Enqueue(Line line, SteadyTime due, Task task) {
  queues_[static_cast<std::size_t>(line)].emplace(due, task);
}

void HostPlan::Remove(Line line, SteadyTime due, Task task) {
  queues_[static_cast<std::size_t>(line)].erase({due, task});
}

std::optional<HostPlan::Next> HostPlan::NextInLine(SteadyTime now) const {
  if (Held()) return std::nullopt;
  std::optional<Next> next;
  SteadyTime waits_since;
  const auto consider = [&](SteadyTime when, const Queue& queue) {
    const auto& [due, task] = *queue.begin();
    const bool ready = when <= now;
    const bool sooner =
        !next || (ready && next->when <= now ? due < waits_since : when < next->when);
    if (!sooner) return;
    next = {.when = when, .task = task};
    waits_since = due;
  };
  const Queue& changed = QueueOf(Line::kChanged);
  const bool change_is_due = !changed.empty() && changed.begin()->first <= now;
  // Somebody waits for it: however much is overdue.
  if (change_is_due && budget.MaySend(Trial::kChanged, now)) {
    return Next{.when = now, .task = changed.begin()->second};
  }
  const Queue& accepted = QueueOf(Line::kAccepted);
  if (!accepted.empty()) consider(accepted.begin()->first, accepted);
  for (const Line line : kLinesOfTrials) {
    const Queue& queue = QueueOf(line);
    if (queue.empty()) continue;
    const SteadyTime due = queue.begin()->first;
    consider(due <= now ? budget.NextRoom(*TrialOf(line), now) : due, queue);
    if (due <= now) break;  // who comes later in the order waits for this one
  }
  return next;
}

void HostPlan::Sent(Task task, std::optional<Trial> trial, SteadyTime now) {
  tokens_ -= 1;
  if (trial) budget.Sent(task.key, *trial, now);
}

SteadyTime HostPlan::NextToken(SteadyTime now) {
  const double per_second = failures.PerSecond(now);
  const double burst = std::max(1.0, per_second * std::chrono::duration<double>(kSlot).count());
  const std::chrono::duration<double> passed = now - refilled_;
  tokens_ = std::min(burst, tokens_ + per_second * passed.count());
  refilled_ = now;
  if (tokens_ >= 1) return now;
  const std::chrono::duration<double> wait((1 - tokens_) / per_second);
  return now + std::chrono::ceil<std::chrono::milliseconds>(wait);
}

void HostPlan::Pause(Reason reason, SteadyTime until) {
  if (pause_reason_ && until <= paused_until_) return;
  pause_reason_ = reason;
  paused_until_ = until;
}

void HostPlan::PauseTooMany(std::optional<std::chrono::seconds> stated, SteadyTime now) {
  // The answers to what was under way when the pause began do not lengthen it.
  if (pause_reason_ == Reason::kThrottled && !stated) return;
  if (pause_reason_ != Reason::kThrottled) ++too_many_;
  std::chrono::milliseconds pause = TooManyConnectionsPause(too_many_);
  if (stated && stated->count() > 0) pause = AtMost6Hours(*stated);
  Pause(Reason::kThrottled, now + pause);
}

void HostPlan::Answered(SteadyTime started) {
  if (!pause_reason_ && started >= paused_until_) too_many_ = 0;
}

bool HostPlan::PauseIsOver(SteadyTime now) const { return pause_reason_ && paused_until_ <= now; }

bool HostPlan::Held() const {
  return pause_reason_ || authentication.Current() != AuthenticationBrake::State::kOff;
}

bool HostPlan::Paused() const {
  return pause_reason_ || authentication.Current() == AuthenticationBrake::State::kDown;
}

SteadyTime HostPlan::AskAt(SteadyTime now) const {
  const SteadyTime at = authentication.AskAt();
  const bool first = authentication.Current() == AuthenticationBrake::State::kAsking;
  if (first || !budget.Spent(Trial::kUnknown, now)) return at;
  return std::max(at, budget.NextRoom(Trial::kUnknown, now));
}

std::size_t HostPlan::Waiting(SteadyTime now) const {
  if (Paused()) return 0;
  std::size_t waiting = 0;
  for (const Line line : kLinesOfTrials) {
    if (!budget.Spent(*TrialOf(line), now)) continue;
    const Queue& queue = QueueOf(line);
    const auto not_due = std::find_if(queue.begin(), queue.end(),
                                      [now](const auto& entry) { return entry.first > now; });
    waiting += static_cast<std::size_t>(std::distance(queue.begin(), not_due));
  }
  return waiting;
}

SteadyTime HostPlan::RoomForWaiting(SteadyTime now) const {
  SteadyTime room = SteadyTime::max();
  for (const Line line : kLinesOfTrials) {
    const Queue& queue = QueueOf(line);
    const bool waits = !queue.empty() && queue.begin()->first <= now;
    if (waits) room = std::min(room, budget.NextRoom(*TrialOf(line), now));
  }
  return room;
}

}  // namespace scrape
