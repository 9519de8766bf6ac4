#pragma once
// A row of polls that contradict the high-water mark of a quota: how many in a row, and when the
// new window opened if that is what they show. A poll sooner than half an interval after the one
// counted last is not one more: a replica that lags answers in quick succession, too. Pure; owned
// and used by the scrape thread.

#include <chrono>
#include <optional>

#include "scrape/schedule/window_times.h"

namespace scrape {

class PollRun {
 public:
  // One more such poll, the one at `polls.end`; `polls.begin` is the poll before it.
  void Add(double used, const TimeSpan& polls, std::chrono::milliseconds interval);
  // A poll that fits the mark came between. What the row showed is remembered for a while: it may
  // have been the new window, and the poll between a late replica's.
  void Interrupt();

  [[nodiscard]] int Count() const { return count_; }
  // What survives a restart; afterwards it is to be Sound.
  template <class Fields>
  void Visit(Fields& fields) {
    fields("count", count_);
    fields("before_any", before_any_);
    fields("before_used", before_used_);
    fields("first", first_);
    fields("counted_at", counted_at_);
    fields("used_since", used_since_);
  }
  [[nodiscard]] bool Sound(SteadyTime now) const;

  // In which the row began: the window before ended then.
  [[nodiscard]] TimeSpan Begin() const { return {*before_any_, first_}; }
  // In which the new window was first used; absent when it was not.
  [[nodiscard]] std::optional<TimeSpan> Opening() const;

 private:
  int count_ = 0;
  std::optional<SteadyTime> before_any_;   // the poll before the earliest one remembered
  std::optional<SteadyTime> before_used_;  // the poll before the earliest one with used > 0
  SteadyTime first_{};                     // poll of this row
  SteadyTime counted_at_{};                // the last one that counted
  std::optional<SteadyTime> used_since_;   // no poll of this row showed 0 after that one
};

}  // namespace scrape
