#include "tests/unit/scrape/quota_truth.h"

#include <algorithm>

namespace test {

void QuotaTruth::Advance(WorldTime now) {
  if (epoch_ && !end_) end_ = EndOfMonth(WorldTime(0));
  while (end_ && *end_ <= now) {
    past_.push_back({*end_, 0, past_.back().window + 1});
    last_end_ = end_;
    end_.reset();
    if (epoch_) end_ = EndOfMonth(*last_end_);
  }
}

void QuotaTruth::Use(double amount, WorldTime now) {
  Advance(now);
  if (!end_) end_ = now + length_;
  past_.push_back({now, past_.back().used + amount, past_.back().window});
  total_ += amount;
}

const QuotaTruth::Entry& QuotaTruth::EntryAt(WorldTime time) const {
  const auto after =
      std::upper_bound(past_.begin(), past_.end(), time,
                       [](WorldTime at, const Entry& entry) { return at < entry.since; });
  return after == past_.begin() ? past_.front() : *(after - 1);
}

double QuotaTruth::UsedAt(WorldTime time) const { return EntryAt(time).used; }

int QuotaTruth::WindowAt(WorldTime time) const { return EntryAt(time).window; }

// Written anew on purpose, day by day: the code under test has a calendar of its own.
WorldTime QuotaTruth::EndOfMonth(WorldTime time) const {
  const auto month_of = [](std::chrono::sys_days day) {
    return std::chrono::year_month_day(day).month();
  };
  auto day = std::chrono::floor<std::chrono::days>(*epoch_ + time);
  const auto month = month_of(day);
  while (month_of(day) == month) day += std::chrono::days(1);
  return day - *epoch_;
}

}  // namespace test
