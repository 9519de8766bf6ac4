#include "scrape/schedule/rejection_budget.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace scrape {
namespace {

constexpr std::chrono::hours kCounts{1};
// A request that is unanswered for so long says nothing any more about how fast wrong keys would
// be noticed; it must not hold up the others until its timeout.
constexpr std::chrono::seconds kReserves{5};
constexpr int kMaxBeyond = 2;
constexpr int kAcceptedBeforeGrowth = 500;

}  // namespace

bool RejectionBudget::MaySend(Trial trial, SteadyTime now) const {
  const int room = per_hour_ + growth_ - Rejections(false, now) - Unanswered(false, now);
  switch (trial) {
    case Trial::kChanged:
      return room > 0 || Beyond(now) < kMaxBeyond;
    case Trial::kUnknown:
      return room > 0;
    case Trial::kStopped:
      return room > 0 && Rejections(true, now) + Unanswered(true, now) < StoppedShare();
  }
  return false;
}

void RejectionBudget::Sent(std::size_t key, Trial trial, SteadyTime now) {
  ForgetOld(now);
  if (trial == Trial::kChanged && !MaySend(Trial::kUnknown, now)) beyond_.push_back(now);
  sent_[key] = {.sent = now, .trial = trial};
}

void RejectionBudget::Ended(std::size_t key) { sent_.erase(key); }

void RejectionBudget::Rejected(std::size_t key, std::optional<Trial> trial, SteadyTime now) {
  ForgetOld(now);
  rejections_.push_back({.time = now, .key = key, .stopped = trial == Trial::kStopped});
  growth_ = 0;
}

void RejectionBudget::Forget(std::size_t key) {
  for (Rejection& rejection : rejections_) {
    if (rejection.key == key) rejection.key.reset();
  }
}

void RejectionBudget::FirstAccepted(SteadyTime now) {
  ++accepted_;
  if (accepted_ > kAcceptedBeforeGrowth && Rejections(false, now) == 0) ++growth_;
}

bool RejectionBudget::Spent(Trial trial, SteadyTime now) const {
  if (trial == Trial::kStopped && Rejections(true, now) >= StoppedShare()) return true;
  return Rejections(false, now) >= per_hour_;
}

SteadyTime RejectionBudget::NextRoom(Trial trial, SteadyTime now) const {
  if (MaySend(trial, now)) return now;
  SteadyTime next = SteadyTime::max();
  const auto consider = [&](SteadyTime time) {
    if (time > now) next = std::min(next, time);
  };
  for (const Rejection& rejection : rejections_) consider(rejection.time + kCounts);
  for (const SteadyTime sent : beyond_) consider(sent + kCounts);
  for (const auto& [key, request] : sent_) consider(request.sent + kReserves);
  return next;
}

std::vector<RejectionBudget::Rejection> RejectionBudget::Rejections(SteadyTime now) const {
  std::vector<Rejection> rejections;
  std::copy_if(rejections_.begin(), rejections_.end(), std::back_inserter(rejections),
               [now](const Rejection& rejection) { return rejection.time + kCounts > now; });
  return rejections;
}

void RejectionBudget::Resume(std::vector<Rejection> rejections, std::vector<SteadyTime> beyond) {
  rejections_ = std::move(rejections);
  beyond_ = std::move(beyond);
}

std::set<std::size_t> RejectionBudget::RejectedKeys(SteadyTime now) const {
  std::set<std::size_t> keys;
  for (const Rejection& rejection : rejections_) {
    if (rejection.key && rejection.time + kCounts > now) keys.insert(*rejection.key);
  }
  return keys;
}

void RejectionBudget::ForgetOld(SteadyTime now) {
  std::erase_if(rejections_,
                [now](const Rejection& rejection) { return rejection.time + kCounts <= now; });
  std::erase_if(beyond_, [now](SteadyTime sent) { return sent + kCounts <= now; });
}

int RejectionBudget::Rejections(bool of_stopped_only, SteadyTime now) const {
  return static_cast<int>(
      std::count_if(rejections_.begin(), rejections_.end(), [&](const Rejection& rejection) {
        return rejection.time + kCounts > now && (rejection.stopped || !of_stopped_only);
      }));
}

int RejectionBudget::Unanswered(bool of_stopped_only, SteadyTime now) const {
  return static_cast<int>(std::count_if(sent_.begin(), sent_.end(), [&](const auto& entry) {
    const InFlight& request = entry.second;
    return request.sent + kReserves > now && (request.trial == Trial::kStopped || !of_stopped_only);
  }));
}

int RejectionBudget::Beyond(SteadyTime now) const {
  return static_cast<int>(std::count_if(beyond_.begin(), beyond_.end(),
                                        [now](SteadyTime sent) { return sent + kCounts > now; }));
}

}  // namespace scrape
