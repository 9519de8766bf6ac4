#include "scrape/schedule/poll_run.h"

namespace scrape {
namespace {

// A row that was interrupted longer ago than that many intervals is not the beginning of this one.
constexpr int kIntervalsRemembered = 10;

}  // namespace

void PollRun::Add(double used, const TimeSpan& polls, std::chrono::milliseconds interval) {
  if (count_ == 0) {
    if (before_any_ && polls.begin - *before_any_ > kIntervalsRemembered * interval) *this = {};
    first_ = polls.end;
  }
  if (!before_any_) before_any_ = polls.begin;
  if (count_ == 0 || polls.end - counted_at_ >= interval / 2) {
    ++count_;
    counted_at_ = polls.end;
  }
  if (used <= 0) {
    used_since_.reset();
    return;
  }
  if (!before_used_) before_used_ = polls.begin;
  if (!used_since_) used_since_ = polls.end;
}

void PollRun::Interrupt() {
  count_ = 0;
  used_since_.reset();
}

bool PollRun::Sound(SteadyTime now) const {
  const auto has_been = [now](const std::optional<SteadyTime>& time) {
    return !time || *time <= now;
  };
  return (count_ == 0 || (count_ > 0 && before_any_)) && has_been(before_any_) &&
         has_been(before_used_) && has_been(first_) && has_been(counted_at_) &&
         has_been(used_since_);
}

std::optional<TimeSpan> PollRun::Opening() const {
  if (!used_since_ || !before_used_) return std::nullopt;
  return TimeSpan{*before_used_, *used_since_};
}

}  // namespace scrape
