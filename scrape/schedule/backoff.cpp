#include "scrape/schedule/backoff.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace scrape {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;

// The step of the `count`-th time (from 1); the last one repeats.
template <std::size_t n>
milliseconds StepOf(const std::array<milliseconds, n>& ladder, int count) {
  return ladder[std::min(static_cast<std::size_t>(std::max(count, 1)), n) - 1];
}

}  // namespace

milliseconds RejectionPause(int rejections, bool accepted_earlier) {
  constexpr std::array<milliseconds, 4> kNeverAccepted = {minutes(5), minutes(15), hours(1),
                                                          hours(6)};
  constexpr std::array<milliseconds, 4> kAcceptedEarlier = {minutes(1), minutes(5), minutes(15),
                                                            hours(1)};
  return StepOf(accepted_earlier ? kAcceptedEarlier : kNeverAccepted, rejections);
}

milliseconds RefusalPause(int refusals) {
  constexpr std::array<milliseconds, 2> kPauses = {minutes(15), hours(1)};
  return StepOf(kPauses, refusals);
}

milliseconds FailurePause(int failures, milliseconds interval, double random) {
  constexpr int kMaxDoublings = 20;  // 15 minutes are reached long before
  constexpr double kMaxSpread = milliseconds(minutes(15)).count();
  const int doublings = std::clamp(failures - 1, 0, kMaxDoublings);
  const double spread =
      std::min(kMaxSpread, std::ldexp(static_cast<double>(interval.count()) / 2, doublings));
  return interval + milliseconds(static_cast<milliseconds::rep>(spread * random));
}

milliseconds TooManyConnectionsPause(int times) {
  constexpr std::array<milliseconds, 5> kPauses = {minutes(1), minutes(2), minutes(4), minutes(8),
                                                   minutes(15)};
  return StepOf(kPauses, times);
}

milliseconds AtMost6Hours(std::chrono::seconds stated) {
  return std::clamp<milliseconds>(stated, milliseconds(0), hours(6));
}

milliseconds ExhaustedPause(std::chrono::seconds stated) {
  return std::clamp<milliseconds>(stated, milliseconds(0), hours(1));
}

}  // namespace scrape
