#include "scrape/event_log.h"

#include <doctest/doctest.h>

#include "tests/captured_log.h"

using scrape::LogEvent;
using scrape::LogLevel;

TEST_CASE("the level can be changed while it runs") {
  const test::CapturedLog captured;
  LogEvent(LogLevel::kDebug, "not yet");
  scrape::SetLogLevel(LogLevel::kDebug);
  LogEvent(LogLevel::kDebug, "now");
  scrape::SetLogLevel(LogLevel::kError);
  LogEvent(LogLevel::kWarn, "no more");
  LogEvent(LogLevel::kError, "always");
  CHECK(captured.Lines().size() == 2);
  CHECK(captured.Lines("level=debug msg=now").size() == 1);
  CHECK(captured.Lines("level=error msg=always").size() == 1);
}

TEST_CASE("levels have names") {
  CHECK(scrape::LogLevelByName("debug") == LogLevel::kDebug);
  CHECK(scrape::LogLevelByName("error") == LogLevel::kError);
  CHECK_FALSE(scrape::LogLevelByName("Error").has_value());
  CHECK_FALSE(scrape::LogLevelByName("").has_value());
}
