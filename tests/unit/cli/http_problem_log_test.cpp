#include "exporter/cli/http_problem_log.h"

#include <doctest/doctest.h>

#include <string>

#include "tests/captured_log.h"

using namespace std::chrono_literals;
using exporter::HttpProblemLog;

TEST_CASE("a problem of the HTTP server is told once, and again every 15 minutes with a count") {
  const test::CapturedLog captured;
  HttpProblemLog::Time now{1000h};
  HttpProblemLog log([&now] { return now; });
  for (const auto end = now + 31min; now < end; now += 1s) log.Tell("out of descriptors");
  CHECK(captured.Lines("msg=\"HTTP server\" problem=\"out of descriptors\" times=1").size() == 1);
  CHECK(captured.Lines("times=900").size() == 2);
  CHECK(captured.Lines().size() == 3);
  log.Tell("another one");
  CHECK(captured.Lines().size() == 4);
  now += 1h;
  log.Tell("out of descriptors");
  CHECK(captured.Lines("out of descriptors\" times=1").size() == 2);
}

TEST_CASE("a day of ever new problems does not fill the log") {
  const test::CapturedLog captured;
  HttpProblemLog::Time now{1000h};
  HttpProblemLog log([&now] { return now; });
  int number = 0;
  for (const auto end = now + 24h; now < end; now += 1s) {
    log.Tell("an HTTP request failed: " + std::to_string(++number));
  }
  CHECK(captured.Lines().size() <= 11 * 96);
  CHECK(captured.Lines().size() >= 96);
}
