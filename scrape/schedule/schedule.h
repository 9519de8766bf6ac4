#pragma once
// Decides which collector of which key is asked when. Pure: clock and randomness come from outside,
// nothing blocks. Not thread-safe: owned by the scrape thread.
//
// - The first attempts are due at once; after a success a round is due at a fixed offset of each
//   interval, which depends on the key's name and the seed, so that neither keys nor replicas beat
//   in step. limits and status share a round.
// - A key has one request in flight at most, so that one which is withdrawn costs one rejected
//   request, not three. One that was never accepted is asked for `info` first and takes its
//   collectors in turn while they fail.
// - A rejected key is stopped: one collector asks again after ever longer pauses until the key is
//   accepted.
// - What may be rejected is limited by the host's budget (rejection_budget.h); the address would be
//   blocked for all keys.
// - A host that blocks, is out of connections or rejects everybody is paused (host_plan.h). Then
//   its keys go on at their offsets, not all at once.
// - Started requests respect the cap in flight (process) and the cap per second (host). Where the
//   keys of a host need more than the latter, all their intervals stretch by the same factor.
// - A probe brings forward what a key is to be asked anyway, and what it brings forward counts as
//   that round: it waits in the same lines, below the same caps, and more probes are no more
//   requests than one every kFresh.
// - Keys come and go, and change, while it runs (schedule_changes.cpp): a key has a place, an index
//   that it keeps until it is removed, and that another key gets afterwards.

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
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
#include "scrape/schedule/host_plan.h"
#include "scrape/schedule/saved_schedule.h"
#include "scrape/schedule/task.h"

namespace scrape {

// What happened to a host, for the log.
struct HostNews {
  enum class Kind { kPaused, kGoesOn, kKeysWait };
  std::size_t host = 0;
  Kind kind = Kind::kPaused;
  std::optional<Reason> reason = {};    // of a pause; absent: the service rejects every key
  SteadyTime until = {};                // kPaused, kKeysWait: not before
  std::size_t waiting = 0;              // kKeysWait: so many keys
  std::set<std::size_t> rejected = {};  // kKeysWait: the keys that have spent the budget
};

class Schedule {
 public:
  using Keys = std::vector<std::shared_ptr<const ApiKey>>;

  // The keys get the places 0, 1, 2 and so on.
  Schedule(const Keys& keys, const ScheduleCaps& caps, std::uint64_t seed, SteadyTime now);

  // A new key; the place it got. Configure is to follow.
  [[nodiscard]] std::size_t Add(const ApiKey& key, SteadyTime now);
  // What is in flight of it was given up before, or is left to end: see Leaving. Configure is to
  // follow.
  void Remove(std::size_t key, SteadyTime now);
  // The key has another secret, of which nothing is known; what is in flight as for Remove. Returns
  // its place, which is another one when something is left to end.
  [[nodiscard]] std::size_t SecretChanged(std::size_t key, SteadyTime now);
  // Something else of its configuration has changed: what it was refused or failed for may be over.
  void ConfigurationChanged(std::size_t key, SteadyTime now);
  // Takes over caps, collectors and intervals. `keys` by place, null where there is none or where
  // it is leaving. To be called after all of the above.
  void Configure(const Keys& keys, const ScheduleCaps& caps, SteadyTime now);
  // The key is gone, but a request of it that may be rejected is still in flight: whether it was
  // must be known, since it counts. Its place is free once that has finished.
  [[nodiscard]] bool Leaving(std::size_t key) const {
    return keys_[key].presence == Presence::kLeaving;
  }

  // What survives a restart (schedule_saving.cpp). Absent: the key is not stopped, or may be
  // stopped for the fault of a service that rejects everybody.
  [[nodiscard]] std::optional<SavedStop> StopOf(std::size_t key) const;
  using NameAt = std::function<std::string(std::size_t place)>;
  [[nodiscard]] std::vector<SavedHost> SaveHosts(const NameAt& name_at, SteadyTime now) const;
  // To be called before anything is asked.
  void ResumeStop(std::size_t key, const SavedStop& stop, SteadyTime now);
  // The secret is another one than at the last run: it is worth a rejected request.
  void ResumeWithNewSecret(std::size_t key);
  using PlaceOf = std::function<std::optional<std::size_t>(const std::string& name)>;
  void ResumeHost(const SavedHost& saved, const PlaceOf& place_of, SteadyTime now);

  // What is to be started now; counts as in flight from here on until Finish or Cancel.
  [[nodiscard]] std::vector<Task> TakeDue(SteadyTime now);
  // When TakeDue may next have something, if nothing finishes before; SteadyTime::max() if nothing
  // is queued.
  [[nodiscard]] SteadyTime NextWake(SteadyTime now);

  // `error` is null after a success. `started` is when TakeDue gave the task out.
  void Finish(Task task, SteadyTime started, SteadyTime now, const ScrapeError* error);
  // A success that is only a part of what is asked for: the rest is due at once, and waits in the
  // same lines, below the same caps.
  void FinishPart(Task task, SteadyTime started, SteadyTime now);
  // The task was given up without an answer.
  void Cancel(Task task);

  // Data is not asked for again when it is younger.
  static constexpr std::chrono::milliseconds kFresh{5000};
  // Asks what the key last answered well, unless it is fresh. What failed, was refused or is held
  // back keeps its time.
  void Hurry(std::size_t key, SteadyTime now);
  // An answer that is younger than kFresh was at `since` is still to be expected soon: nothing but
  // caps and the lines stands before it.
  [[nodiscard]] bool Pending(std::size_t key, SteadyTime since, SteadyTime now) const;

  [[nodiscard]] bool Stopped(std::size_t key) const { return keys_[key].phase == Phase::kStopped; }
  [[nodiscard]] bool EverAccepted(std::size_t key) const { return keys_[key].ever_accepted; }
  // Of a stopped key.
  [[nodiscard]] Collector RejectedBy(std::size_t key) const { return keys_[key].rejected_by; }
  [[nodiscard]] bool InFlight(Task task) const { return SlotOf(task).in_flight; }
  // In flight, and may well be rejected.
  [[nodiscard]] bool OnTrial(Task task) const { return SlotOf(task).trial.has_value(); }
  // The key was refused, though not rejected: nothing is asked until its pause is over.
  [[nodiscard]] bool HeldBack(std::size_t key, SteadyTime now) const {
    return now < keys_[key].hold_until;
  }
  // Due, but not asked, because the budget of rejected requests is spent.
  [[nodiscard]] bool WaitsForBudget(std::size_t key, SteadyTime now) const;
  [[nodiscard]] bool HostPaused(std::size_t key) const { return HostOfKey(key).Paused(); }
  [[nodiscard]] bool HostHeld(std::size_t key) const { return HostOfKey(key).Held(); }
  // The interval kept, stretched.
  [[nodiscard]] std::chrono::milliseconds Interval(Task task) const;
  // When it will be asked again, as far as is known: absent while it is in flight, disabled, or
  // waits for another collector's answer.
  [[nodiscard]] std::optional<SteadyTime> NextAttempt(Task task, SteadyTime now) const;

  [[nodiscard]] const std::vector<HostPlan>& Hosts() const { return hosts_; }
  // Since the last call: what the keys of these hosts wait for has changed.
  [[nodiscard]] std::set<std::size_t> TakeChangedHosts() { return std::exchange(changed_, {}); }
  [[nodiscard]] std::vector<HostNews> TakeNews() { return std::exchange(news_, {}); }

 private:
  enum class Phase { kUnproven, kProven, kStopped };
  enum class Presence { kHere, kLeaving, kFree };
  struct Slot {
    bool enabled = false;
    bool in_flight = false;
    bool answered = false;                  // well, the last time
    std::optional<Trial> trial;             // in flight, on the budget
    int failures = 0;                       // in a row
    SteadyTime asked_at{};                  // last
    std::optional<SteadyTime> finished_at;  // last
    SteadyTime due{};
    std::optional<std::pair<Line, SteadyTime>> queued;  // its place at the host
    std::chrono::milliseconds interval{};               // stretched
  };
  struct KeyPlan {
    std::size_t host = 0;
    Presence presence = Presence::kHere;
    Phase phase = Phase::kUnproven;
    bool ever_accepted = false;
    bool secret_changed = false;  // and not asked with since
    SteadyTime accepted_at{};     // last
    Collector accepted_by = Collector::kInfo;
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

  [[nodiscard]] Slot& SlotOf(Task task) { return keys_[task.key].slots[IndexOf(task.collector)]; }
  [[nodiscard]] const Slot& SlotOf(Task task) const {
    return keys_[task.key].slots[IndexOf(task.collector)];
  }
  // Whose next answer tells whether what this task met is over: another's once it is switched off.
  [[nodiscard]] Collector WatcherOf(Task task) const {
    return SlotOf(task).enabled ? task.collector : keys_[task.key].lead;
  }
  [[nodiscard]] const HostPlan& HostOfKey(std::size_t key) const { return hosts_[keys_[key].host]; }
  std::size_t FindOrAddHost(const std::string& name, SteadyTime now);
  [[nodiscard]] std::size_t TakePlace();
  void Leave(std::size_t key, SteadyTime now);
  void Configure(std::size_t index, const ApiKey& key, double factor, SteadyTime now);
  void FinishLeaving(Task task, SteadyTime started, SteadyTime now, const ScrapeError* error);
  void Send(Task task, SteadyTime now);
  // Which of the key's collectors wait in the host's lines, after any change of the key.
  void Requeue(std::size_t key);
  void Enqueue(Task task);
  [[nodiscard]] static bool IsNext(const HostPlan& host, const Slot& slot, SteadyTime now);
  [[nodiscard]] static bool WaitsForBudget(const HostPlan& host, const Slot& slot, SteadyTime now);
  [[nodiscard]] static Line LineOf(const KeyPlan& key, Collector collector);

  // What is the same for every answer.
  [[nodiscard]] std::optional<Trial> Take(Task task, const ScrapeError* error, SteadyTime now);
  void Follow(Task task, const ScrapeError* error, SteadyTime now);

  // What an answer means for its key.
  void Accept(std::size_t key, Collector by, SteadyTime now);
  void Stop(Task task, const ScrapeError& error, SteadyTime now);
  void Refuse(Task task, const ScrapeError& error, SteadyTime now);
  static void Hold(KeyPlan& key);
  void WaitForQuota(Task task, std::chrono::seconds stated, SteadyTime started, SteadyTime now);
  void Retry(Task task, const ScrapeError& error, SteadyTime started, SteadyTime now);
  void FollowUp(Task task, const ScrapeError& error, SteadyTime started, SteadyTime now);
  [[nodiscard]] SteadyTime NextRound(const KeyPlan& key, std::chrono::milliseconds interval,
                                     SteadyTime started, SteadyTime now) const;

  // What it means for the host.
  void Ask(HostPlan& host, SteadyTime now);
  [[nodiscard]] std::optional<Task> QuestionFor(const HostPlan& host, SteadyTime now) const;
  void AnswerQuestion(std::size_t host, const ScrapeError* error, SteadyTime now);
  void PauseHost(std::size_t host, const ScrapeError& error, SteadyTime now);
  void GoOn(std::size_t host, SteadyTime now);
  void CountWaiting(std::size_t host, SteadyTime now);
  // Its rounds of the time to come, when the ones of a pause were missed.
  void Spread(std::size_t key, SteadyTime now);

  ScheduleCaps caps_;
  const std::uint64_t seed_;
  std::mt19937_64 random_;
  std::vector<HostPlan> hosts_;
  std::vector<KeyPlan> keys_;
  std::vector<std::size_t> free_places_;
  // Per host: how many keys waited when last counted, and whose rejections were last told of.
  std::vector<std::size_t> waiting_;
  std::vector<std::set<std::size_t>> told_;
  int in_flight_ = 0;
  std::size_t first_host_ = 0;  // who is served first next time
  SteadyTime next_slot_{};
  std::set<std::size_t> changed_;
  std::vector<HostNews> news_;
};

}  // namespace scrape
