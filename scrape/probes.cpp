#include "scrape/probes.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace scrape {

void Probes::Ask(Probe probe) {
  const MutexLock lock(mutex_);
  if (!closed_) asked_.push_back(std::move(probe));
}

void Probes::Close() {
  std::vector<Probe> dropped;
  {
    const MutexLock lock(mutex_);
    closed_ = true;
    dropped.swap(asked_);
  }
  waiting_.clear();
}

bool Probes::Begin(Moment now) {
  std::vector<Probe> asked;
  {
    const MutexLock lock(mutex_);
    asked.swap(asked_);
  }
  for (Probe& probe : asked) {
    if (const std::optional<std::size_t> place = keys_.PlaceOf(probe.key)) {
      schedule_.Hurry(*place, now.steady);
      keys_.RecordOf(*place)->FollowSchedule(now);
    }
    waiting_.push_back({std::move(probe), now.steady});
  }
  return !asked.empty();
}

void Probes::Answer(Moment now) {
  std::erase_if(waiting_, [&](const Waiting& waiting) {
    const std::optional<std::size_t> place = keys_.PlaceOf(waiting.probe.key);
    const bool pending = place && now.steady < waiting.probe.until &&
                         schedule_.Pending(*place, waiting.since, now.steady);
    if (!pending) waiting.probe.done(place ? keys_.RecordOf(*place)->Published() : nullptr);
    return !pending;
  });
}

SteadyTime Probes::NextDeadline() const {
  SteadyTime next = SteadyTime::max();
  for (const Waiting& waiting : waiting_) next = std::min(next, waiting.probe.until);
  return next;
}

}  // namespace scrape
