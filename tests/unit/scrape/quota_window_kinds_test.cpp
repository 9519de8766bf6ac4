// Windows of other kinds than a day, and what makes a quota another one.

#include "scrape/schedule/quota_windows.h"

#include <doctest/doctest.h>

#include "tests/unit/scrape/windows_run.h"

using namespace std::chrono_literals;
using namespace test;  // NOLINT(google-build-using-namespace): the words of the rules

TEST_CASE("a calendar month ends with the month, known from the start") {
  WindowsRun f({WindowLength::Kind::kCalendarMonth, {}});
  f.Poll({100});
  const SystemTime end = std::chrono::sys_days(std::chrono::year(2026) / 4 / 1);
  CHECK(f.State().reset == end);
  CHECK(f.State().reset_uncertainty == 0ms);
  CHECK(f.State().window == 31 * 24h);
  f.Poll({100, 100});
  f.Pass(end - f.now.system - 30s);
  CHECK(f.Poll({4}).Consumed() == 4);
  CHECK(f.State().reset == std::chrono::sys_days(std::chrono::year(2026) / 5 / 1));
  CHECK(f.State().window == 30 * 24h);
}

TEST_CASE("a month is measured from the second reset on") {
  WindowsRun f;
  f.windows.Informed(Info(4000, "", "monthly"), f.now);
  f.Poll({0, 0, 0, 100});
  CHECK_FALSE(f.State().window);
  // Polled all the time, though not in the same way.
  const auto quiet = [&f](std::chrono::milliseconds time) {
    for (; time > 0ms; time -= 5min) {
      f.Pass(5min);
      f.windows.Polled({.used = {{"feed", 100}}}, 5min, f.now);
    }
  };
  quiet(30 * 24h);
  f.Poll({1, 1, 1, 100});
  CHECK_FALSE(f.State().window);
  quiet(30 * 24h - 5min);
  f.Poll({1, 1, 1});
  // Opened and ended within a minute each: its length is known to two minutes.
  CHECK(f.State().window == 30 * 24h);
  CHECK(f.ResetIn() == 30 * 24h - 2min);
  CHECK(f.State().reset_uncertainty == 3min);
}

TEST_CASE("the organisation's interval wins over the key's, the user's setting over both") {
  scrape::KeyInfo info = Info(4000, "org", "daily");
  info.organization->entitlement.time_interval = "monthly";
  WindowsRun f;
  f.Poll({1});
  f.windows.Informed(info, f.now);
  CHECK_FALSE(f.State().window);
  info.organization->entitlement.time_interval = "daily";
  info.entitlement.time_interval = "monthly";
  f.windows.Informed(info, f.now);
  CHECK(f.State().window == 24h);
  WindowsRun set({WindowLength::Kind::kFixed, 6h});
  set.windows.Informed(info, set.now);
  set.Poll({1});
  CHECK(set.State().window == 6h);
}

TEST_CASE("another limit or organisation is another quota") {
  WindowsRun f({}, 30min);
  f.windows.Informed(Info(4000), f.now);
  f.Poll({10, 10, 10, 12});
  CHECK(f.Consumed() == 2);
  SUBCASE("limit") { f.windows.Informed(Info(8000), f.now); }
  SUBCASE("organisation") { f.windows.Informed(Info(4000, "org"), f.now); }
  CHECK(f.Poll({9000, 9001, 9002}).Consumed() == 2);
  CHECK(f.Poll({9003}).Consumed() == 3);
}

TEST_CASE("a jump waits for the next info answer") {
  WindowsRun f({}, 30min);
  f.windows.Informed(Info(4000), f.now);
  f.Poll({10, 10, 10});
  CHECK(f.Poll({410}).Consumed() == 400);
  CHECK(f.Poll({9000}).Consumed() == 400);
  CHECK(f.Poll({9005}).Consumed() == 405);
  SUBCASE("which confirms it") {
    f.windows.Informed(Info(4000), f.now);
    CHECK(f.Consumed() == 8995);
  }
  SUBCASE("which explains it") {
    f.windows.Informed(Info(4000, "org"), f.now);
    CHECK(f.Poll({9006, 9007, 9008, 9009}).Consumed() == 406);
  }
  SUBCASE("but not for ever") {
    f.Pass(28min);
    CHECK(f.Poll({9005}).Consumed() == 405);
    CHECK(f.Poll({9005}).Consumed() == 8995);
  }
}

TEST_CASE("a window that begins at no known end waits for the next info answer") {
  WindowsRun f({}, 30min);
  f.windows.Informed(Info(4000), f.now);
  f.Poll({2000, 2000, 2000, 5, 6, 7, 9});
  CHECK(f.Consumed() == 2);
  SUBCASE("which confirms it") {
    f.windows.Informed(Info(4000), f.now);
    CHECK(f.Consumed() == 9);
  }
  SUBCASE("which explains it: the key has left its organisation") {
    f.windows.Informed(Info(100), f.now);
    CHECK(f.Poll({9, 9, 9}).Consumed() == 2);
  }
}

TEST_CASE("values that cannot be are left out, names that come and go do not pile up") {
  WindowsRun f;
  f.Poll({5, 5, 5, -1, 6});
  CHECK(f.Consumed() == 1);
  for (int i = 0; i < 100; ++i) {
    f.windows.Polled({.used = {{"x" + std::to_string(i), 1}}}, 1min, f.now);
  }
  CHECK(f.windows.Published()->size() == 14);
}
