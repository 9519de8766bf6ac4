#include "scrape/schedule/window_times.h"

#include <algorithm>
#include <array>

namespace scrape {
namespace {

using std::chrono::milliseconds;

// Statements come in whole seconds and take a while to arrive.
constexpr std::chrono::seconds kStatedTolerance{5};

// A window that was seen to open and to end has a length, unless it is a month whose first days
// were idle: two resets in a row tell, since twice at the start of a month is no accident.
constexpr int kFallsToMeasure = 2;

}  // namespace

CalendarMonth::CalendarMonth(SystemTime at) {
  const std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(at));
  const std::chrono::year_month month = day.year() / day.month();
  begin = std::chrono::sys_days(month / 1);
  end = std::chrono::sys_days((month + std::chrono::months(1)) / 1);
}

void WindowTimes::StateEnd(SteadyTime end, SteadyTime now) {
  stated_at_ = now;
  if (stated_end_ && std::chrono::abs(end - *stated_end_) < kStatedTolerance) return;
  if (const auto held = End()) end_before_ = held;
  stated_end_ = end;
}

void WindowTimes::Advance(Moment now) {
  const CalendarMonth month(now.system);
  if (month_end_ && *month_end_ <= now.steady && FollowsCalendar() && !stated_end_) {
    end_before_ = TimeSpan{*month_end_, *month_end_};
  }
  month_end_ = now.steady + (month.end - now.system);
  month_length_ = month.end - month.begin;
}

void WindowTimes::Begin(const TimeSpan& fall, const std::optional<TimeSpan>& opening,
                        bool measurable, Moment now) {
  if (measurable) Measure(fall, now);
  opening_ = opening;
  end_before_.reset();
  // Between the two polls the old end was still stated, or the new one already.
  const bool about_the_new = stated_at_ >= fall.end || (stated_at_ > fall.begin && stated_end_ &&
                                                        *stated_end_ > fall.end + kStatedTolerance);
  if (!about_the_new) stated_end_.reset();
}

void WindowTimes::Forget() {
  opening_.reset();
  end_before_.reset();
  stated_end_.reset();
  measured_.reset();
  falls_ = 0;
  falls_at_month_starts_ = 0;
}

bool WindowTimes::Sound(SteadyTime now) const {
  const bool opening = !opening_ || (opening_->begin <= opening_->end && opening_->end <= now);
  const bool measured = !measured_ || measured_->least <= measured_->most;
  return opening && measured && falls_ >= 0 && stated_at_ <= now;
}

void WindowTimes::Measure(const TimeSpan& fall, Moment now) {
  const auto at = [&now](SteadyTime time) {
    return now.system - std::chrono::duration_cast<milliseconds>(now.steady - time);
  };
  const bool at_month_start = CalendarMonth(at(fall.end)).begin >= at(fall.begin);
  falls_at_month_starts_ = at_month_start ? falls_at_month_starts_ + 1 : 0;
  ++falls_;
  if (!opening_ || falls_ < kFallsToMeasure) return;
  const Lengths seen{std::max(fall.begin - opening_->end, SteadyTime::duration(0)),
                     fall.end - opening_->begin};
  const bool agrees = measured_ && measured_->least <= seen.most && seen.least <= measured_->most;
  measured_ =
      agrees ? Lengths{std::max(measured_->least, seen.least), std::min(measured_->most, seen.most)}
             : seen;
}

bool WindowTimes::FollowsCalendar() const {
  if (stated_length_) return false;
  if (length_.kind == WindowLength::Kind::kUnknown) {
    return falls_at_month_starts_ >= kFallsToMeasure;
  }
  return length_.kind == WindowLength::Kind::kCalendarMonth;
}

std::optional<WindowTimes::Lengths> WindowTimes::KnownLength() const {
  if (stated_length_) return Lengths{*stated_length_, *stated_length_};
  if (length_.kind == WindowLength::Kind::kFixed) return Lengths{length_.fixed, length_.fixed};
  return measured_;
}

bool WindowTimes::EndedIn(const TimeSpan& polls, milliseconds interval) const {
  for (const std::optional<TimeSpan>& end : std::array{End(), end_before_}) {
    if (end && polls.end >= end->begin - interval && polls.begin <= end->end + interval)
      return true;
  }
  return false;
}

bool WindowTimes::PassedIn(const TimeSpan& polls) const {
  for (const std::optional<TimeSpan>& end : std::array{End(), end_before_}) {
    if (end && polls.begin < end->end && end->end <= polls.end) return true;
  }
  return false;
}

std::optional<TimeSpan> WindowTimes::End() const {
  if (stated_end_) return TimeSpan{*stated_end_, *stated_end_};
  if (FollowsCalendar()) {
    if (!month_end_) return std::nullopt;
    return TimeSpan{*month_end_, *month_end_};
  }
  const std::optional<Lengths> length = KnownLength();
  if (!length || !opening_) return std::nullopt;
  return TimeSpan{opening_->begin + length->least, opening_->end + length->most};
}

std::optional<milliseconds> WindowTimes::Length() const {
  if (FollowsCalendar()) {
    if (!month_end_) return std::nullopt;
    return month_length_;
  }
  const std::optional<Lengths> length = KnownLength();
  if (!length) return std::nullopt;
  return std::chrono::round<milliseconds>(length->most);
}

}  // namespace scrape
