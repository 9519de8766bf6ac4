#include <doctest/doctest.h>

#include "scrape/schedule/authentication_brake.h"
#include "scrape/schedule/failure_brake.h"
#include "scrape/schedule/host_plan.h"
#include "scrape/schedule/rejection_budget.h"

using namespace std::chrono_literals;
using scrape::AuthenticationBrake;
using scrape::FailureBrake;
using scrape::HostPlan;
using scrape::Reason;
using scrape::RejectionBudget;
using scrape::SteadyTime;
using scrape::Trial;
using Answer = scrape::AuthenticationBrake::Answer;
using State = scrape::AuthenticationBrake::State;

namespace {

const SteadyTime kNow{1'000'000s};

}  // namespace

TEST_CASE("no more trials are in flight than may still be rejected") {
  RejectionBudget budget(4);
  for (std::size_t key = 0; key < 4; ++key) {
    CHECK(budget.MaySend(Trial::kUnknown, kNow));
    budget.Sent(key, Trial::kUnknown, kNow);
  }
  CHECK_FALSE(budget.MaySend(Trial::kUnknown, kNow));
  CHECK(budget.NextRoom(Trial::kUnknown, kNow) == kNow + 5s);
  CHECK_FALSE(budget.Spent(Trial::kUnknown, kNow));
  SUBCASE("an answer frees its place, a rejection for an hour does not") {
    budget.Ended(0);
    budget.Rejected(0, Trial::kUnknown, kNow + 1s);
    CHECK_FALSE(budget.MaySend(Trial::kUnknown, kNow + 1s));
    budget.Ended(1);
    CHECK(budget.MaySend(Trial::kUnknown, kNow + 1s));
    CHECK(budget.RejectedKeys(kNow + 1s) == std::set<std::size_t>{0});
    CHECK(budget.RejectedKeys(kNow + 1h + 1s).empty());
  }
  SUBCASE("what is unanswered for five seconds does not hold up the others") {
    CHECK_FALSE(budget.MaySend(Trial::kUnknown, kNow + 4999ms));
    CHECK(budget.MaySend(Trial::kUnknown, kNow + 5s));
  }
}

TEST_CASE("four rejections spend the budget for an hour") {
  RejectionBudget budget(4);
  for (std::size_t key = 0; key < 4; ++key) {
    budget.Rejected(key, Trial::kUnknown, kNow + key * 1min);
  }
  CHECK(budget.Spent(Trial::kUnknown, kNow + 59min));
  CHECK(budget.NextRoom(Trial::kUnknown, kNow + 10min) == kNow + 1h);
  CHECK(budget.MaySend(Trial::kUnknown, kNow + 1h));
  CHECK(budget.NextRoom(Trial::kUnknown, kNow + 1h) == kNow + 1h);
}

TEST_CASE("stopped keys use half of the budget at most") {
  RejectionBudget budget(4);
  budget.Rejected(0, Trial::kStopped, kNow);
  budget.Sent(1, Trial::kStopped, kNow);
  CHECK_FALSE(budget.MaySend(Trial::kStopped, kNow));
  CHECK(budget.MaySend(Trial::kUnknown, kNow));
  budget.Ended(1);
  CHECK(budget.MaySend(Trial::kStopped, kNow));
  budget.Rejected(1, Trial::kStopped, kNow);
  CHECK(budget.Spent(Trial::kStopped, kNow));
  CHECK_FALSE(budget.Spent(Trial::kUnknown, kNow));
  RejectionBudget of_one(1);
  CHECK(of_one.MaySend(Trial::kStopped, kNow));
}

TEST_CASE("a changed secret is asked at once, two an hour beyond a spent budget") {
  RejectionBudget budget(4);
  for (std::size_t key = 0; key < 4; ++key) budget.Rejected(key, std::nullopt, kNow);
  for (std::size_t key = 10; key < 12; ++key) {
    REQUIRE(budget.MaySend(Trial::kChanged, kNow));
    budget.Sent(key, Trial::kChanged, kNow);
    budget.Ended(key);
  }
  CHECK_FALSE(budget.MaySend(Trial::kChanged, kNow + 59min));
  CHECK(budget.MaySend(Trial::kChanged, kNow + 1h));
}

TEST_CASE("many accepted keys in a row let more be in flight, until one is rejected") {
  RejectionBudget budget(4);
  for (int i = 0; i < 510; ++i) budget.FirstAccepted(kNow);
  std::size_t key = 0;
  for (; budget.MaySend(Trial::kUnknown, kNow); ++key) budget.Sent(key, Trial::kUnknown, kNow);
  CHECK(key == 14);
  budget.Ended(0);
  budget.Rejected(0, Trial::kUnknown, kNow);
  CHECK_FALSE(budget.MaySend(Trial::kUnknown, kNow));
  for (std::size_t i = 1; i < 12; ++i) budget.Ended(i);
  CHECK(budget.MaySend(Trial::kUnknown, kNow));
  budget.FirstAccepted(kNow);
  budget.Sent(20, Trial::kUnknown, kNow);
  CHECK_FALSE(budget.MaySend(Trial::kUnknown, kNow));
}

TEST_CASE("three keys rejected within five minutes hold the host for one question") {
  AuthenticationBrake brake;
  brake.Rejected(1, kNow);
  brake.Rejected(2, kNow + 1min);
  SUBCASE("not when they are further apart") {
    brake.Rejected(3, kNow + 5min);
    CHECK(brake.Current() == State::kOff);
  }
  SUBCASE("not when it is one key twice") {
    brake.Rejected(2, kNow + 2min);
    CHECK(brake.Current() == State::kOff);
  }
  SUBCASE("accepted: the keys were withdrawn") {
    brake.Rejected(3, kNow + 4min);
    REQUIRE(brake.Current() == State::kAsking);
    CHECK(brake.Answered(Answer::kAccepted, kNow + 4min).empty());
    CHECK(brake.Current() == State::kOff);
    brake.Rejected(4, kNow + 4min);
    CHECK(brake.Current() == State::kOff);
  }
  SUBCASE("no answer: others are asked, and after three the host goes on") {
    brake.Rejected(3, kNow + 4min);
    for (int i = 0; i < 2; ++i) {
      CHECK(brake.Answered(Answer::kNone, kNow + 4min).empty());
      CHECK(brake.Current() == State::kAsking);
      CHECK(brake.AskAt() == kNow + 4min + 5s);
    }
    CHECK(brake.Answered(Answer::kNone, kNow + 4min).empty());
    CHECK(brake.Current() == State::kOff);
  }
  SUBCASE("keys with another secret do not count, and the hold ends with the last") {
    brake.Rejected(3, kNow + 4min);
    brake.Forget(1);
    brake.Forget(2);
    CHECK(brake.Current() == State::kAsking);
    CHECK(brake.Episode() == std::set<std::size_t>{3});
    brake.Forget(3);
    CHECK(brake.Current() == State::kOff);
    CHECK(brake.Answered(Answer::kRejected, kNow + 4min).empty());
    CHECK(brake.Current() == State::kOff);
  }
  SUBCASE("rejected: the service's authentication is down") {
    brake.Rejected(3, kNow + 4min);
    CHECK(brake.Answered(Answer::kRejected, kNow + 4min).empty());
    REQUIRE(brake.Current() == State::kDown);
    CHECK(brake.AskAt() == kNow + 34min);
    brake.Rejected(4, kNow + 34min);
    CHECK(brake.Answered(Answer::kNone, kNow + 34min).empty());
    CHECK(brake.AskAt() == kNow + 35min);
    CHECK(brake.Current() == State::kDown);
    CHECK(brake.Answered(Answer::kAccepted, kNow + 35min) == std::set<std::size_t>{1, 2, 3, 4});
    CHECK(brake.Current() == State::kOff);
  }
}

TEST_CASE(
    "a failing host is asked at half the rate each minute, and again faster when it recovers") {
  FailureBrake brake(20, kNow);
  SteadyTime now = kNow;
  const auto minute = [&](int attempts, int failures) {
    for (int i = 0; i < attempts; ++i) brake.Attempted(i < failures, now);
    now += 1min;
    return brake.PerSecond(now);
  };
  CHECK(minute(19, 19) == 20);
  CHECK(minute(20, 10) == 20);
  CHECK(minute(20, 11) == 10);
  CHECK(minute(100, 100) == 5);
  CHECK(minute(100, 100) == 2.5);
  CHECK(minute(100, 100) == 1.25);
  CHECK(minute(100, 100) == 1);
  CHECK(minute(100, 100) == 1);
  CHECK(minute(60, 10) == 2);
  CHECK(minute(0, 0) == 4);
  now += 10h;
  CHECK(brake.PerSecond(now) == 20);
}

TEST_CASE("too many connections pause a host for longer each time, or as long as it says") {
  HostPlan host("api.example.com", {}, kNow);
  SteadyTime now = kNow;
  for (const auto pause : {1min, 2min, 4min, 8min, 15min, 15min}) {
    host.PauseTooMany(std::nullopt, now);
    host.PauseTooMany(std::nullopt, now + 3s);  // the answer to what was under way
    CHECK(host.PausedUntil() == now + pause);
    CHECK(host.PauseReason() == Reason::kThrottled);
    now = host.PausedUntil();
    REQUIRE(host.PauseIsOver(now));
    host.EndPause();
    CHECK_FALSE(host.Paused());
  }
  host.Answered(now);
  host.PauseTooMany(std::nullopt, now);
  CHECK(host.PausedUntil() == now + 1min);
  host.EndPause();
  host.PauseTooMany(90s, now + 1min);
  CHECK(host.PausedUntil() == now + 150s);
  host.EndPause();
  host.PauseTooMany(std::chrono::hours(24), now + 3min);
  CHECK(host.PausedUntil() == now + 3min + 6h);
  SUBCASE("a shorter pause does not end a longer one") {
    host.Pause(Reason::kIpBlocked, now + 1h);
    CHECK(host.PausedUntil() == now + 3min + 6h);
  }
}
