#pragma once
// What waits to be asked of one host, and what holds it back: the cap per second, the budget of
// rejected requests, pauses and brakes. Pure, owned by the schedule, one thread.

#include <array>
#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "scrape/api/scrape_error.h"
#include "scrape/schedule/authentication_brake.h"
#include "scrape/schedule/failure_brake.h"
#include "scrape/schedule/rejection_budget.h"
#include "scrape/schedule/task.h"

namespace scrape {

// Due requests of accepted keys; the others follow in the order of Trial.
enum class Line { kAccepted, kChanged, kUnknown, kStopped };
inline constexpr std::size_t kLineCount = 4;
[[nodiscard]] std::optional<Trial> TrialOf(Line line);  // absent: nothing to be tried out

class HostPlan {
 public:
  HostPlan(std::string name, const ScheduleCaps& caps, SteadyTime now);

  void SetCaps(const ScheduleCaps& caps, SteadyTime now);

  std::string name;               // constant
  std::vector<std::size_t> keys;  // those that are here; none: only what holds it is remembered

  RejectionBudget budget;
  AuthenticationBrake authentication;
  FailureBrake failures;
  std::optional<Task> question;  // of `authentication`, in flight
  std::set<std::size_t> asked;   // the keys of its questions so far, while it is on

  void Enqueue(Line line, SteadyTime due, Task task);
  void Remove(Line line, SteadyTime due, Task task);

  struct Next {
    SteadyTime when;  // not before; SteadyTime::max(): after an answer
    Task task;
  };
  // What is to be sent next; nothing when nothing waits, or while the host is held.
  [[nodiscard]] std::optional<Next> NextInLine(SteadyTime now) const;
  void Sent(Task task, std::optional<Trial> trial, SteadyTime now);
  // When the cap per second lets the next request through.
  [[nodiscard]] SteadyTime NextToken(SteadyTime now);

  // Nothing is asked before `until`; never shortens a pause.
  void Pause(Reason reason, SteadyTime until);
  // 429002, each time longer while it repeats; `stated`: Retry-After.
  void PauseTooMany(std::optional<std::chrono::seconds> stated, SteadyTime now);
  void Answered(SteadyTime started);  // a success: connections are not too many any more
  [[nodiscard]] bool PauseIsOver(SteadyTime now) const;
  void EndPause() { pause_reason_.reset(); }
  [[nodiscard]] std::optional<Reason> PauseReason() const { return pause_reason_; }
  [[nodiscard]] SteadyTime PausedUntil() const { return paused_until_; }
  // Held: nothing but questions is asked. Paused: that lasts.
  [[nodiscard]] bool Held() const;
  [[nodiscard]] bool Paused() const;
  // When the next question of `authentication` may be sent. The first one is worth a rejection,
  // the later ones wait for the budget.
  [[nodiscard]] SteadyTime AskAt(SteadyTime now) const;

  // How many keys are not asked because the budget is spent.
  [[nodiscard]] std::size_t Waiting(SteadyTime now) const;
  // When the first of them may be asked.
  [[nodiscard]] SteadyTime RoomForWaiting(SteadyTime now) const;

 private:
  using Queue = std::set<std::pair<SteadyTime, Task>>;
  [[nodiscard]] const Queue& QueueOf(Line line) const {
    return queues_[static_cast<std::size_t>(line)];
  }

  std::array<Queue, kLineCount> queues_;
  double tokens_ = 1;
  SteadyTime refilled_;
  std::optional<Reason> pause_reason_;
  SteadyTime paused_until_{};
  int too_many_ = 0;  // pauses of 429002 in a row
};

}  // namespace scrape
