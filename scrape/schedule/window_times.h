#pragma once
// When the quota window of one API family opened and when it ends: what the service states, what
// follows from the moment in which the window was seen to open, and the window's length, which is
// measured where nobody says it. Pure; owned and used by the scrape thread.
//
// Everything is kept on the steady clock: a step of the host's clock moves no end. Only the
// calendar's months are read from the system's clock.

#include <chrono>
#include <optional>

#include "scrape/moment.h"
#include "scrape/window_length.h"

namespace scrape {

// Something happened after `begin` and not after `end`.
struct TimeSpan {
  SteadyTime begin;
  SteadyTime end;

  template <class Fields>
  void Visit(Fields& fields) {
    fields("begin", begin);
    fields("end", end);
  }
};

// The first and the last moment of the UTC month that `at` is in.
struct CalendarMonth {
  explicit CalendarMonth(SystemTime at);
  SystemTime begin;
  SystemTime end;
};

class WindowTimes {
 public:
  // What the user or the licence says; a length that the service states goes before it.
  void SetLength(const WindowLength& length) { length_ = length; }
  void StateLength(std::chrono::milliseconds length) { stated_length_ = length; }
  void StateEnd(SteadyTime end, SteadyTime now);

  // To be called with every poll, before the questions below.
  void Advance(Moment now);
  // The window was seen to open; until then its end is unknown, unless it is stated.
  void Open(const TimeSpan& opening) { opening_ = opening; }
  // The window before ended in `fall`. `measurable`: nothing else can have happened in that time.
  // Of what was stated only what is about the new window stays.
  void Begin(const TimeSpan& fall, const std::optional<TimeSpan>& opening, bool measurable,
             Moment now);
  // Another quota is counted from here on. What was said of its length stays.
  void Forget();

  // What survives a restart: all but what SetLength said.
  template <class Fields>
  void Visit(Fields& fields) {
    fields("stated_length", stated_length_);
    fields("measured", measured_);
    fields("falls", falls_);
    fields("falls_at_month_starts", falls_at_month_starts_);
    fields("opening", opening_);
    fields("stated_end", stated_end_);
    fields("stated_at", stated_at_);
    fields("month_end", month_end_);
    fields("month_length", month_length_);
    fields("end_before", end_before_);
  }
  // What was seen was seen before `now`.
  [[nodiscard]] bool Sound(SteadyTime now) const;

  // The end lies between the two polls, give or take its uncertainty and one interval.
  [[nodiscard]] bool EndedIn(const TimeSpan& polls, std::chrono::milliseconds interval) const;
  // The end was still to come at the first of the two polls and has passed at the second.
  [[nodiscard]] bool PassedIn(const TimeSpan& polls) const;

  // Of the current window, or of the last one while no new one was seen.
  [[nodiscard]] std::optional<TimeSpan> End() const;
  [[nodiscard]] std::optional<std::chrono::milliseconds> Length() const;

 private:
  struct Lengths {
    SteadyTime::duration least;
    SteadyTime::duration most;

    template <class Fields>
    void Visit(Fields& fields) {
      fields("least", least);
      fields("most", most);
    }
  };

  [[nodiscard]] bool FollowsCalendar() const;
  [[nodiscard]] std::optional<Lengths> KnownLength() const;
  void Measure(const TimeSpan& fall, Moment now);

  WindowLength length_;
  std::optional<std::chrono::milliseconds> stated_length_;
  std::optional<Lengths> measured_;
  int falls_ = 0;                  // of this quota
  int falls_at_month_starts_ = 0;  // of them, the last ones in a row

  std::optional<TimeSpan> opening_;
  std::optional<SteadyTime> stated_end_;
  SteadyTime stated_at_{};
  std::optional<SteadyTime> month_end_;
  std::chrono::milliseconds month_length_{};
  std::optional<TimeSpan> end_before_;  // was replaced before the window was seen to end
};

}  // namespace scrape
