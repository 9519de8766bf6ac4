#include "scrape/schedule/backoff.h"

#include <doctest/doctest.h>

using scrape::FailurePause;
using scrape::RefusalPause;
using scrape::RejectionPause;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

TEST_CASE("a key that was never accepted is asked again after 5 m, 15 m, 1 h, then every 6 h") {
  CHECK(RejectionPause(1, false) == minutes(5));
  CHECK(RejectionPause(2, false) == minutes(15));
  CHECK(RejectionPause(3, false) == hours(1));
  CHECK(RejectionPause(4, false) == hours(6));
  CHECK(RejectionPause(1000, false) == hours(6));
}

TEST_CASE("a key that was accepted earlier is asked again after 1 m, 5 m, 15 m, then every hour") {
  CHECK(RejectionPause(1, true) == minutes(1));
  CHECK(RejectionPause(2, true) == minutes(5));
  CHECK(RejectionPause(3, true) == minutes(15));
  CHECK(RejectionPause(4, true) == hours(1));
  CHECK(RejectionPause(5, true) == hours(1));
}

TEST_CASE("a refused key waits 15 m, then an hour each time") {
  CHECK(RefusalPause(1) == minutes(15));
  CHECK(RefusalPause(2) == hours(1));
  CHECK(RefusalPause(9) == hours(1));
}

TEST_CASE("a failure never shortens the interval, and the spread grows to 15 minutes") {
  const milliseconds interval = seconds(60);
  CHECK(FailurePause(1, interval, 0) == interval);
  CHECK(FailurePause(1, interval, 0.5) == interval + seconds(15));
  CHECK(FailurePause(2, interval, 0.5) == interval + seconds(30));
  CHECK(FailurePause(6, interval, 0.5) == interval + seconds(450));
  CHECK(FailurePause(1'000'000, interval, 0.5) == interval + seconds(450));
  CHECK(FailurePause(1, hours(24), 0.5) == hours(24) + seconds(450));
}
