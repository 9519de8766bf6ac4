#pragma once
// Decides which collector of which key is asked when. Pure: clock and randomness come from outside,
// nothing blocks. Not thread-safe: owned by the scrape thread.
//
// - The first attempts are due at once; after a success a round is due at a fixed offset of each
// interval, which depends
//   on the key's name and the seed, so that neither keys nor replicas beat in step. limits and
//   status share a round.
// - A key that was never accepted has one request in flight at most, `info` first, and takes its
// collectors in turn
//   while they fail: a wrong key costs one rejected request, not three.
// - A rejected key is stopped: one collector asks again after ever longer pauses until the key is
// accepted.
// - Started requests respect the cap in flight (process) and the cap per second (host). Where the
// keys of a host need
//   more than the latter, all their intervals stretch by the same factor.
// - Requests start in slots of 50 ms: the CPU follows wake-ups, not requests.

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "scrape/api/collector.h"
#include "scrape/api/scrape_error.h"
#include "scrape/api_key.h"

namespace scrape {

using SteadyTime = std::chrono::steady_clock::time_point;

struct Task {
  std::size_t key = 0;  // index in the configured keys
  Collector collector = Collector::kInfo;
  // clang-tidy 14 takes the default for a null pointer.
  friend auto operator<=>(const Task&, const Task&) = default;  // NOLINT(modernize-use-nullptr)
};

struct ScheduleCaps {
  int max_in_flight = 64;
  int max_requests_per_second = 20;  // per host
};

class Schedule {
 public:
  Schedule(const std::vector<std::shared_ptr<const ApiKey>>& keys, const ScheduleCaps& caps,
           std::uint64_t seed, SteadyTime now);

  // What is to be started now; counts as in flight from here on until Finish or Cancel.
  [[nodiscard]] std::vector<Task> TakeDue(SteadyTime now);
  // When TakeDue may next have something, if nothing finishes before; SteadyTime::max() if nothing
  // is queued.
  [[nodiscard]] SteadyTime NextWake(SteadyTime now) const;

  // `error` is null after a success. `started` is when TakeDue gave the task out.
  void Finish(Task task, SteadyTime started, SteadyTime now, const ScrapeError* error);
  // The task was given up without an answer, because its key was stopped meanwhile.
  void Cancel(Task task);

  [[nodiscard]] bool Stopped(std::size_t key) const { return keys_[key].phase == Phase::kStopped; }
  [[nodiscard]] bool EverAccepted(std::size_t key) const { return keys_[key].ever_accepted; }
  [[nodiscard]] bool InFlight(Task task) const { return SlotOf(task).in_flight; }
  // The key was refused, though not rejected: nothing is asked until its pause is over.
  [[nodiscard]] bool HeldBack(std::size_t key, SteadyTime now) const {
    return now < keys_[key].hold_until;
  }
  // The interval kept, stretched.
  [[nodiscard]] std::chrono::milliseconds Interval(Task task) const;
  // When it will be asked again: absent while it is in flight, disabled, or waits for another
  // collector's answer.
  [[nodiscard]] std::optional<SteadyTime> NextAttempt(Task task) const;

 private:
  enum class Phase { kUnproven, kProven, kStopped };
  struct Slot {
    bool enabled = false;
    bool in_flight = false;
    int failures = 0;  // in a row
    SteadyTime due{};
    std::optional<SteadyTime> queued_for;  // its place in the host's queue
    std::chrono::milliseconds interval{};  // stretched
  };
  struct KeyPlan {
    std::size_t host = 0;
    Phase phase = Phase::kUnproven;
    bool ever_accepted = false;
    // In a row: until the collector that met the last one is answered, whatever the others hear.
    int rejections = 0;
    int refusals = 0;
    Collector rejected_by = Collector::kInfo;
    Collector refused_by = Collector::kInfo;
    SteadyTime hold_until{};
    std::uint64_t offset = 0;  // of its rounds; taken modulo the interval
    Collector lead = Collector::kInfo;
    std::chrono::milliseconds retry_interval{};  // scrape_interval, stretched
    std::array<Slot, kCollectorCount> slots;
  };
  struct Host {
    std::string name;
    double tokens = 0;
    SteadyTime refilled{};
    std::set<std::pair<SteadyTime, Task>> queue;
  };

  [[nodiscard]] Slot& SlotOf(Task task) { return keys_[task.key].slots[IndexOf(task.collector)]; }
  [[nodiscard]] const Slot& SlotOf(Task task) const {
    return keys_[task.key].slots[IndexOf(task.collector)];
  }
  std::size_t FindOrAddHost(const std::string& name, SteadyTime now);
  void Refill(Host& host, SteadyTime now) const;
  // Which of the key's collectors wait in the host's queue, after any change of the key.
  void Requeue(std::size_t key);
  void Enqueue(Task task);
  void Accept(std::size_t key, Collector by, SteadyTime now);
  void Stop(Task task, SteadyTime now);
  void Refuse(Task task, SteadyTime now, std::chrono::milliseconds at_least);
  void Retry(Task task, SteadyTime started, SteadyTime now);
  [[nodiscard]] SteadyTime NextRound(const KeyPlan& key, const Slot& slot, SteadyTime started,
                                     SteadyTime now) const;

  ScheduleCaps caps_;
  std::mt19937_64 random_;
  std::vector<Host> hosts_;
  std::vector<KeyPlan> keys_;
  int in_flight_ = 0;
  std::size_t first_host_ = 0;  // who is served first next time
  SteadyTime next_slot_{};
};

}  // namespace scrape
