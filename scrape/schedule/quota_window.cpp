#include "scrape/schedule/quota_window.h"

#include <algorithm>
#include <utility>

namespace scrape {
namespace {

constexpr std::size_t kFirstPolls = 3;
constexpr int kProof = 3;  // polls in a row

constexpr int kSilentIntervals = 10;
constexpr std::chrono::minutes kShortestSilence{10};

// A row that begins that many polls after the end has nothing to do with it.
constexpr int kExpectedFor = 3;

// Rises up to a share of the limit are added at once; a change of the owner shows as a larger one.
constexpr double kPlainShareOfLimit = 0.1;
constexpr double kAlwaysPlain = 10;
constexpr double kPlainWithoutLimit = 100;

}  // namespace

void QuotaWindow::Observe(const QuotaPoll& poll) {
  times_.Advance(poll.at);
  if (pending_ > 0 && poll.at.steady - pending_since_ > poll.confirmed_within) Confirm(limit_);
  const Step step{poll, last_poll_.value_or(poll.at.steady)};
  last_poll_ = poll.at.steady;
  if (has_mark_) {
    Judge(step);
  } else if (!first_polls_.empty() &&
             poll.at.steady - first_polls_.back().at.steady < poll.interval / 2) {
    first_polls_.back().used = std::max(first_polls_.back().used, poll.used);
  } else if (first_polls_.size() + 1 < kFirstPolls) {
    first_polls_.reserve(kFirstPolls - 1);
    first_polls_.push_back({poll.used, poll.at, step.before});
  } else {
    Begin(step);
  }
}

// The last of the first polls: the mark is the highest of them.
void QuotaWindow::Begin(const Step& last) {
  std::vector<Step> steps;
  for (const FirstPoll& first : std::exchange(first_polls_, {})) {
    Step& step = steps.emplace_back(last);
    step.poll.used = first.used;
    step.poll.at = first.at;
    step.before = first.before;
  }
  steps.push_back(last);
  // The last of equals: what came after it is lower, or the window that began meanwhile.
  const auto highest =
      std::max_element(steps.rbegin(), steps.rend(),
                       [](const Step& a, const Step& b) { return a.poll.used < b.poll.used; });
  has_mark_ = true;
  mark_ = highest->poll.used;
  for (auto later = highest.base(); later != steps.end(); ++later) Judge(*later);
}

void QuotaWindow::Judge(const Step& step) {
  const auto silence =
      std::max<SteadyTime::duration>(kSilentIntervals * step.poll.interval, kShortestSilence);
  if (times_.PassedIn(step.Polls()) || step.poll.at.steady - step.before > silence) {
    polls_since_end_ = 0;
    counted_at_ = step.before;
    if (runs_) runs_->below.Interrupt();  // three polls are to follow
  }
  if (polls_since_end_ && step.poll.at.steady - counted_at_ >= step.poll.interval / 2) {
    ++*polls_since_end_;
    counted_at_ = step.poll.at.steady;
  }
  if (step.poll.used > mark_) {
    Rise(step);
  } else if (step.poll.used < mark_) {
    Fall(step);
  } else if (runs_) {
    runs_->below_half.Interrupt();
    runs_->below.Interrupt();
    runs_->above_half = {};
  }
  const bool falls = runs_ && runs_->below.Count() > 0;
  if (polls_since_end_ >= kExpectedFor && !falls) polls_since_end_.reset();
}

void QuotaWindow::Rise(const Step& step) {
  const double used = step.poll.used;
  std::optional<TimeSpan> opening = step.Polls();
  if (mark_before_ && used >= *mark_before_ / 2) {
    Runs& runs = TheRuns();
    runs.below_half.Interrupt();
    runs.below.Interrupt();
    runs.above_half.Add(used, step.Polls(), step.poll.interval);
    if (runs.above_half.Count() < kProof) return;
    mark_before_.reset();
    opening = runs.above_half.Opening();
  }
  if (mark_ == 0 && opening) times_.Open(*opening);
  const double rise = used - mark_;
  if (rise > LargestPlainRise()) {
    AddOnceConfirmed(rise, step.poll);
  } else {
    total_ += rise;
  }
  mark_ = used;
  runs_.reset();
}

void QuotaWindow::Fall(const Step& step) {
  const double used = step.poll.used;
  const bool near_the_end = times_.EndedIn(step.Polls(), step.poll.interval);
  Runs& runs = TheRuns();
  runs.above_half = {};
  if (polls_since_end_ || near_the_end) runs.below.Add(used, step.Polls(), step.poll.interval);
  if (used < mark_ / 2) {
    runs.below_half.Add(used, step.Polls(), step.poll.interval);
    if (near_the_end || runs.below_half.Count() >= kProof) {
      BeginWindow(step, runs.below_half, near_the_end);
      return;
    }
  } else {
    runs.below_half.Interrupt();
  }
  if (polls_since_end_ && runs.below.Count() >= kProof) BeginWindow(step, runs.below, false);
}

void QuotaWindow::BeginWindow(const Step& step, const PollRun& run, bool expected) {
  const double used = step.poll.used;
  const TimeSpan fall = run.Begin();
  const bool measurable = fall.end - fall.begin <= kSilentIntervals * step.poll.interval;
  times_.Begin(fall, run.Opening(), measurable, step.poll.at);
  if (expected) {
    total_ += used;
  } else {
    AddOnceConfirmed(used, step.poll);
  }
  mark_before_ = mark_;
  mark_ = used;
  polls_since_end_.reset();
  runs_.reset();
}

QuotaWindow::Runs& QuotaWindow::TheRuns() {
  if (!runs_) runs_ = std::make_unique<Runs>();
  return *runs_;
}

void QuotaWindow::AddOnceConfirmed(double amount, const QuotaPoll& poll) {
  if (poll.confirmed_within == std::chrono::milliseconds(0)) {
    total_ += amount;
    return;
  }
  if (pending_ == 0) pending_since_ = poll.at.steady;
  pending_ += amount;
}

double QuotaWindow::LargestPlainRise() const {
  if (!limit_) return kPlainWithoutLimit;
  return std::max(*limit_ * kPlainShareOfLimit, kAlwaysPlain);
}

bool QuotaWindow::Sound(SteadyTime now) const {
  const auto counts = [](double number) { return number >= 0; };
  const bool runs = !runs_ || (runs_->below_half.Sound(now) && runs_->below.Sound(now) &&
                               runs_->above_half.Sound(now));
  const std::size_t most_first_polls = has_mark_ ? 0 : kFirstPolls - 1;
  const bool first_polls =
      first_polls_.size() <= most_first_polls &&
      std::all_of(first_polls_.begin(), first_polls_.end(), [&](const FirstPoll& poll) {
        return counts(poll.used) && poll.at.steady <= now && poll.before <= poll.at.steady;
      });
  const bool polls = (!last_poll_ || *last_poll_ <= now) && pending_since_ <= now &&
                     counted_at_ <= now && polls_since_end_.value_or(0) >= 0;
  return counts(total_) && counts(pending_) && counts(mark_) && runs && first_polls && polls &&
         times_.Sound(now);
}

void QuotaWindow::Confirm(std::optional<double> limit) {
  limit_ = limit;
  total_ += pending_;
  pending_ = 0;
}

void QuotaWindow::Rebaseline(std::optional<double> limit) {
  limit_ = limit;
  pending_ = 0;
  has_mark_ = false;
  mark_before_.reset();
  first_polls_ = {};
  polls_since_end_.reset();
  runs_.reset();
  times_.Forget();
}

}  // namespace scrape
