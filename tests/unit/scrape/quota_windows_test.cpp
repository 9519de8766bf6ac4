// The rules one by one; whether they are right together is quota_window_property_test's question.

#include "scrape/schedule/quota_windows.h"

#include <doctest/doctest.h>

#include "tests/unit/scrape/windows_run.h"

using namespace std::chrono_literals;
using namespace test;  // NOLINT(google-build-using-namespace): the words of the rules

TEST_CASE("nothing counts before the first three polls, whose highest value is the mark") {
  WindowsRun f;
  CHECK(f.windows.Published() == nullptr);
  CHECK(f.Poll({7}).Consumed() == 0);
  CHECK(f.Poll({9, 8}).Consumed() == 0);
  CHECK(f.Poll({9}).Consumed() == 0);
  CHECK(f.Poll({11}).Consumed() == 2);
  CHECK(f.Poll({11, 15}).Consumed() == 6);
}

TEST_CASE("a reset among the first three polls is not lost") {
  WindowsRun f(kDay);
  CHECK(f.Poll({900, 3, 5}).Consumed() == 0);
  CHECK(f.Poll({6}).Consumed() == 6);
  CHECK(f.ResetIn() == 24h - 2min);  // opened between the first and the second
  CHECK(f.State().reset_uncertainty == 1min);
}

TEST_CASE("a fall that nothing announces takes three polls, another one is a replica's") {
  WindowsRun f;
  f.Poll({100, 100, 100});
  CHECK(f.Poll({60, 70, 80, 99, 100}).Consumed() == 0);
  CHECK(f.Poll({3, 4, 100, 5, 6}).Consumed() == 0);
  CHECK(f.Poll({7}).Consumed() == 7);
  CHECK(f.Poll({9}).Consumed() == 9);
}

TEST_CASE("polls in quick succession prove no more than those of their interval") {
  WindowsRun f;
  f.Poll({100, 100, 100});
  SUBCASE("that the window is new") {
    CHECK(f.Poll({3, 3, 3, 3, 3, 3, 3, 3, 3, 3}, 5s).Consumed() == 0);
    CHECK(f.Poll({100}, 5s).Consumed() == 0);
    CHECK(f.Poll({3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3}, 5s).Consumed() == 0);
    CHECK(f.Poll({4}, 5s).Consumed() == 4);  // for an interval nothing else was seen
    CHECK(f.Poll({6}, 5s).Consumed() == 6);
  }
  SUBCASE("that the window before goes on") {
    f.Poll({1, 2, 3});
    CHECK(f.Poll({100, 100, 100, 100, 100, 100, 100, 100, 100, 100}, 5s).Consumed() == 3);
    CHECK(f.Poll({4}, 5s).Consumed() == 4);
    CHECK(f.Poll({60, 60, 60}).Consumed() == 60);
  }
}

TEST_CASE("the first three polls are an interval long, however quickly they come") {
  WindowsRun f;
  f.Poll({100, 7, 7, 7, 7, 8, 100}, 5s);
  CHECK(f.Poll({100, 100}).Consumed() == 0);
  CHECK(f.Poll({103}).Consumed() == 3);
}

TEST_CASE("when a window's end has passed, quick polls do not use up the three that may show it") {
  WindowsRun f = Opened(100);
  f.Pass(24h);
  f.Poll({101, 101, 101, 101, 101, 101, 101, 101}, 5s);
  CHECK(f.Consumed() == 101);
  CHECK(f.Poll({80, 80}).Consumed() == 101);
  CHECK(f.Poll({80}).Consumed() == 181);
}

TEST_CASE("exactly half of the mark is no fall") {
  WindowsRun f;
  CHECK(f.Poll({100, 100, 100, 50, 50, 50, 50}).Consumed() == 0);
  CHECK(f.Poll({49, 49, 49}).Consumed() == 49);
}

TEST_CASE("after a new window a late replica's value counts only when three polls show it") {
  WindowsRun f;
  f.Poll({100, 100, 100, 1, 2, 3});
  CHECK(f.Consumed() == 3);
  CHECK(f.Poll({100, 100, 4}).Consumed() == 4);
  CHECK(f.Poll({60, 61}).Consumed() == 4);
  CHECK(f.Poll({62}).Consumed() == 62);
  CHECK(f.Poll({150}).Consumed() == 150);  // proven: nothing is suspicious any more
}

TEST_CASE("the end of a window that was seen to open is known") {
  WindowsRun f = Opened();
  CHECK(f.Consumed() == 1);
  CHECK(f.ResetIn() == 24h);
  CHECK(f.State().reset_uncertainty == 1min);
  CHECK(f.State().window == 24h);
  f.Poll({5});
  CHECK(f.ResetIn() == 24h - 1min);
}

TEST_CASE("at its end one poll is enough") {
  WindowsRun f = Opened(100);
  SUBCASE("just after it") { f.Pass(24h - 1min); }
  SUBCASE("an interval and the uncertainty before it") { f.Pass(24h - 3min); }
  SUBCASE("an interval after it, polls having failed") { f.Pass(24h + 1min); }
  CHECK(f.Poll({3}).Consumed() == 103);
  CHECK(f.ResetIn() == 24h);
}

TEST_CASE("far from its end it is not") {
  WindowsRun f = Opened(100);
  f.Pass(24h - 5min);
  CHECK(f.Poll({3}).Consumed() == 100);
}

TEST_CASE("after the end three polls below the mark are enough, in a row and at once") {
  WindowsRun f = Opened(100);
  f.Poll({100});
  f.Pass(24h - 2min);
  f.Poll({100});  // the end
  SUBCASE("in a row") {
    CHECK(f.Poll({80, 81}).Consumed() == 100);
    CHECK(f.Poll({82}).Consumed() == 182);
  }
  SUBCASE("interrupted by a late replica") {
    CHECK(f.Poll({100, 81, 82}).Consumed() == 100);
    CHECK(f.Poll({83}).Consumed() == 183);
  }
  SUBCASE("not when the quota went on meanwhile: the window was longer than believed") {
    f.Poll({101, 102, 103});
    CHECK(f.Poll({80, 80, 80, 80, 80}).Consumed() == 103);
  }
}

TEST_CASE("after a silence three polls below the mark are enough") {
  WindowsRun f;
  f.Poll({100, 100, 100});
  SUBCASE("of more than ten intervals") {
    f.Pass(10min);
    CHECK(f.Poll({80, 81}).Consumed() == 0);
    CHECK(f.Poll({82}).Consumed() == 82);
    CHECK_FALSE(f.ResetIn());
  }
  SUBCASE("of ten intervals they are not") {
    f.Pass(9min);
    CHECK(f.Poll({80, 81, 82, 83}).Consumed() == 0);
  }
}

TEST_CASE("a window that ended and was not used yet has no end") {
  WindowsRun f = Opened(100);
  f.Pass(24h - 1min);
  CHECK(f.Poll({0}).Consumed() == 100);
  CHECK_FALSE(f.ResetIn());
  f.Poll({0, 0});
  CHECK(f.Poll({2}).Consumed() == 102);
  CHECK(f.ResetIn() == 24h);
}

TEST_CASE("an end that has passed is not exported") {
  WindowsRun f = Opened(100);
  f.Pass(24h - 1min);
  f.Poll({100});
  CHECK_FALSE(f.ResetIn());
}

TEST_CASE("what the service states goes before what was seen") {
  WindowsRun f = Opened();
  f.windows.Stated({.family = "feed", .reset_in = 3600s, .interval = 7200s}, f.now);
  CHECK(f.ResetIn() == 1h);
  CHECK(f.State().reset_uncertainty == 0ms);
  CHECK(f.State().window == 2h);
  SUBCASE("a difference below 5 s does not move it") {
    f.windows.Stated({.family = "feed", .reset_in = 3604s}, f.now);
    CHECK(f.ResetIn() == 1h);
    f.windows.Stated({.family = "feed", .reset_in = 3595s}, f.now);
    CHECK(f.ResetIn() == 3595s);
  }
  SUBCASE("and other families are not meant") {
    f.windows.Stated({.family = "sandbox", .reset_in = 9s}, f.now);
    f.windows.Stated({.family = "", .reset_in = 9s}, f.now);
    CHECK(f.ResetIn() == 1h);
  }
  SUBCASE("one poll is enough at the end of it, even if the next one is stated already") {
    f.Poll({100});
    f.Pass(1h - 1min);
    f.windows.Stated({.family = "feed", .reset_in = 7000s}, f.now);
    CHECK(f.Poll({3}).Consumed() == 103);
    CHECK(f.ResetIn() == 7000s - 1min);  // of the new window, and so kept
  }
}

TEST_CASE("a stated end is that of its own window only") {
  WindowsRun f = Opened(100);
  SUBCASE("it has passed") {
    f.windows.Stated({.family = "feed", .reset_in = 3600s}, f.now);
    f.Pass(1h);
    f.Poll({3});
  }
  SUBCASE("the window ended before it") {
    f.windows.Stated({.family = "feed", .reset_in = 36000s}, f.now);
    f.Poll({3, 3, 3});
    f.Pass(-2min);
  }
  CHECK(f.Consumed() == 103);
  CHECK(f.ResetIn() == 24h);
}

TEST_CASE("a used-up quota states the reset of the families it is about") {
  WindowsRun f = Opened();
  scrape::ScrapeError error{.reason = scrape::Reason::kQuotaExhausted, .reset_in = 600s};
  SUBCASE("of the one named") { error.rate_limit_family = "feed"; }
  SUBCASE("of those with nothing left, when none is named") { f.windows.Left(Remaining(-3)); }
  f.windows.Refused(error, f.now);
  CHECK(f.ResetIn() == 10min);
  CHECK(f.windows.UsedUpUntil({}, f.now.steady) == f.now.steady + 10min);
  CHECK(f.windows.UsedUpUntil({.reset_in = 60s}, f.now.steady) == f.now.steady + 1min);
}

TEST_CASE("another error, or another family, states nothing") {
  WindowsRun f = Opened();
  f.windows.Left(Remaining(0));
  f.windows.Refused({.reason = scrape::Reason::kServerError, .reset_in = 600s}, f.now);
  f.windows.Refused(
      {.reason = scrape::Reason::kQuotaExhausted, .reset_in = 600s, .rate_limit_family = "sandbox"},
      f.now);
  f.windows.Left(Remaining(1));
  f.windows.Refused({.reason = scrape::Reason::kQuotaExhausted, .reset_in = 600s}, f.now);
  CHECK(f.ResetIn() == 24h);
}

TEST_CASE("a step of the host's clock moves the exported time, not the window") {
  WindowsRun f = Opened(100);
  f.now.system += 30h;
  CHECK(f.Poll({40}).Consumed() == 100);
  CHECK(f.ResetIn() == 24h - 1min);
}
