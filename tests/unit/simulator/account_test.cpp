#include "simulator/account.h"

#include <doctest/doctest.h>

#include <map>
#include <string>

using namespace simulator;  // NOLINT(google-build-using-namespace): the room under test
using namespace std::chrono_literals;

namespace {

constexpr TimePoint kStart{1h};
constexpr SystemTime kWall{20000 * 24h};

std::map<std::string, std::string> HeadersOf(const http::Response& response) {
  return {response.headers.begin(), response.headers.end()};
}

KeyScript Script() {
  KeyScript script;
  script.families = {{"prevention", 40}, {"reputation", 4000}, {"download_file", 9}};
  script.window = 10min;
  return script;
}

}  // namespace

TEST_CASE("windows are announced one family an answer, those that are open") {
  KeyScript script = Script();
  script.announces_windows = true;
  Account account(script, kStart, kWall);
  CHECK_FALSE(HeadersOf(account.Answer(Endpoint::kLimits, "", kStart)).contains("X-RateLimit-For"));
  account.Use("prevention", 3, kStart);
  account.Use("download_file", 1, kStart + 1min);
  auto headers = HeadersOf(account.Answer(Endpoint::kLimits, "", kStart + 90500ms));
  CHECK(headers["X-RateLimit-For"] == "download_file");
  CHECK(headers["X-RateLimit-Reset-In"] == "570s");
  headers = HeadersOf(account.Answer(Endpoint::kStatus, "", kStart + 90500ms));
  CHECK(headers["X-RateLimit-For"] == "prevention_api");
  CHECK(headers["X-RateLimit-Limit"] == "40");
  CHECK(headers["X-RateLimit-Used"] == "3");
  CHECK(headers["X-RateLimit-Remaining"] == "37");
  CHECK(headers["X-RateLimit-Reset-In"] == "510s");
  CHECK(headers["X-RateLimit-Interval"] == "600");
  CHECK_FALSE(HeadersOf(account.Answer(Endpoint::kInfo, "", kStart)).contains("X-RateLimit-For"));
}

TEST_CASE("windows are not announced unless the script says so") {
  Account account(Script(), kStart, kWall);
  account.Use("prevention", 3, kStart);
  CHECK_FALSE(HeadersOf(account.Answer(Endpoint::kLimits, "", kStart)).contains("X-RateLimit-For"));
}

TEST_CASE("one answer in three comes from the replica that lags") {
  KeyScript script = Script();
  script.replica_lag = 20s;
  Account account(script, kStart, kWall);
  const auto used = [&](TimePoint now) { return *account.Answer(Endpoint::kLimits, "", now).body; };
  TimePoint now = kStart;
  for (int i = 0; i < 30; ++i) {
    now += 10s;
    account.Use("prevention", 1, now);
    const std::string expected = std::to_string(i % 3 == 2 ? i + 1 - 2 : i + 1);
    CAPTURE(i);
    CHECK(used(now).find("\"prevention_api\":\"" + expected + "\"") != std::string::npos);
  }
}
