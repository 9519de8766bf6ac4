#pragma once
// How many requests of one host may still be rejected: the service blocks an address that sends
// wrong apikeys again and again, for every key. Pure, owned by the schedule, one thread.
//
// Every rejected request counts for an hour. A request that may well be rejected reserves one unit
// while it is unanswered, so that no more of them are in flight than may be rejected. Requests of
// accepted keys are never held back; when they are rejected, that counts too.

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "scrape/schedule/steady_time.h"

namespace scrape {

// Why a request may be rejected, in the order in which the budget is given out.
enum class Trial {
  kChanged,  // the secret is new: one request each may go beyond a spent budget, two in an hour
  kUnknown,  // the key was never accepted
  kStopped,  // it was rejected before: at most half of the budget
};

class RejectionBudget {
 public:
  explicit RejectionBudget(int per_hour) : per_hour_(per_hour) {}

  // Whether a request of this kind may be sent now.
  [[nodiscard]] bool MaySend(Trial trial, SteadyTime now) const;
  void Sent(std::size_t key, Trial trial, SteadyTime now);
  // The request that was Sent ended, in whatever way, or was given up.
  void Ended(std::size_t key);

  // Any request of this host was rejected. `trial` is absent for one of an accepted key.
  void Rejected(std::size_t key, std::optional<Trial> trial, SteadyTime now);
  // The key is gone, and another one may get its number. What it met counts on.
  void Forget(std::size_t key);
  void SetPerHour(int per_hour) { per_hour_ = per_hour; }
  // A key was accepted for the first time: after many of them, without a rejection, more may be
  // in flight, so that ten thousand good keys are known within minutes.
  void FirstAccepted(SteadyTime now);

  // Nothing of this kind can be sent before an earlier rejection is an hour old, whatever is
  // answered meanwhile.
  [[nodiscard]] bool Spent(Trial trial, SteadyTime now) const;
  // When MaySend may next become true by time alone; SteadyTime::max() if it needs an answer.
  [[nodiscard]] SteadyTime NextRoom(Trial trial, SteadyTime now) const;
  struct Rejection {
    SteadyTime time;
    std::optional<std::size_t> key;  // absent: it is gone
    bool stopped = false;            // of a stopped key's trial
  };
  // What survives a restart. Requests that are unanswered do not count: most are of good keys.
  [[nodiscard]] std::vector<Rejection> Rejections(SteadyTime now) const;
  [[nodiscard]] const std::vector<SteadyTime>& BeyondBudget() const { return beyond_; }
  void Resume(std::vector<Rejection> rejections, std::vector<SteadyTime> beyond);

  // The keys whose rejections count at present.
  [[nodiscard]] std::set<std::size_t> RejectedKeys(SteadyTime now) const;

 private:
  struct InFlight {
    SteadyTime sent;
    Trial trial = Trial::kUnknown;
  };

  void ForgetOld(SteadyTime now);
  [[nodiscard]] int Rejections(bool of_stopped_only, SteadyTime now) const;
  [[nodiscard]] int Unanswered(bool of_stopped_only, SteadyTime now) const;
  [[nodiscard]] int Beyond(SteadyTime now) const;
  [[nodiscard]] int StoppedShare() const { return per_hour_ > 1 ? per_hour_ / 2 : 1; }

  int per_hour_;
  std::vector<Rejection> rejections_;     // of the last hour, and some older ones
  std::vector<SteadyTime> beyond_;        // sent although the budget was spent
  std::map<std::size_t, InFlight> sent_;  // by key
  int accepted_ = 0;
  int growth_ = 0;  // further ones that may be in flight
};

}  // namespace scrape
