#include "simulator/usage.h"

#include <doctest/doctest.h>

using simulator::TimePoint;
using simulator::Usage;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

constexpr TimePoint kStart{hours(1)};

}  // namespace

TEST_CASE("a window opens with the first use and ends after its length") {
  Usage usage({"prevention", 40}, hours(24), kStart);
  usage.Advance(kStart + hours(5));
  CHECK_FALSE(usage.WindowEnd().has_value());
  usage.Use(3, kStart + hours(5));
  usage.Use(4, kStart + hours(20));
  CHECK(usage.Used() == 7);
  CHECK(usage.WindowEnd() == kStart + hours(29));
  usage.Advance(kStart + hours(29) - milliseconds(1));
  CHECK(usage.Used() == 7);
  usage.Advance(kStart + hours(29));
  CHECK(usage.Used() == 0);
  CHECK_FALSE(usage.WindowEnd().has_value());
}

TEST_CASE("use by hand may go past the limit") {
  Usage usage({"prevention", 40}, hours(24), kStart);
  usage.Use(50, kStart);
  CHECK(usage.Used() == 50);
}

TEST_CASE("steady use is exact over many small steps, and stops at the limit") {
  Usage usage({"prevention", 1000, 10, 0.3}, hours(24), kStart);
  for (int i = 1; i <= 1000; ++i) usage.Advance(kStart + i * milliseconds(100));
  CHECK(usage.Used() >= 39);
  CHECK(usage.Used() <= 40);
  usage.Advance(kStart + hours(20));
  CHECK(usage.Used() == 1000);
}

TEST_CASE("steady use opens the next window itself, however long nobody looks") {
  Usage usage({"prevention", 100'000, 0, 1.0}, minutes(10), kStart);
  usage.Advance(kStart + seconds(1));
  CHECK(usage.Used() == 1);
  CHECK(usage.WindowEnd() == kStart + seconds(601));
  usage.Advance(kStart + seconds(601));
  CHECK(usage.Used() == 0);
  usage.Advance(kStart + seconds(605));
  CHECK(usage.Used() == 4);
  CHECK(usage.WindowEnd() == kStart + seconds(602) + minutes(10));
  usage.Advance(kStart + hours(1000));
  CHECK(usage.Used() <= 600);
  REQUIRE(usage.WindowEnd().has_value());
  CHECK(*usage.WindowEnd() > kStart + hours(1000));
}

TEST_CASE("use that is rarer than the window is long opens windows too") {
  Usage usage({"prevention", 100, 0, 0.01}, seconds(10), kStart);
  usage.Advance(kStart + seconds(99));
  CHECK(usage.Used() == 0);
  usage.Advance(kStart + seconds(101));
  CHECK(usage.Used() == 1);
  usage.Advance(kStart + seconds(115));
  CHECK(usage.Used() == 0);
}

TEST_CASE("no limit and no rate leave time to pass") {
  Usage nothing({"prevention", 0, 0, 5.0}, seconds(10), kStart);
  nothing.Advance(kStart + hours(1));
  CHECK(nothing.Used() == 0);
}

TEST_CASE("the total goes on over all windows, without what was used before") {
  Usage usage({"prevention", 100'000, 50, 1.0}, minutes(10), kStart);
  CHECK(usage.Total() == 0);
  usage.Use(5, kStart);
  usage.Advance(kStart + minutes(5));
  CHECK(usage.Used() == 355);
  CHECK(usage.Total() == 305);
  usage.Advance(kStart + hours(1));
  CHECK(usage.Total() >= 5 + 3600 - 12);  // a second or two of each window's end go by unused
  CHECK(usage.Total() <= 5 + 3600);
}
