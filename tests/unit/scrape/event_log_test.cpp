#include "scrape/event_log.h"

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <string>

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

TEST_CASE("an event is one line, in logfmt or in JSON, with the time in UTC") {
  const char* const before = std::getenv("TZ");
  const std::string zone = before == nullptr ? "" : before;
  setenv("TZ", "Asia/Kathmandu", 1);
  tzset();
  for (const bool json : {false, true}) {
    scrape::ConfigureLog(LogLevel::kInfo,
                         json ? scrape::LogFormat::kJson : scrape::LogFormat::kLogfmt);
    const test::CapturedLog captured;
    LogEvent(LogLevel::kWarn, "a \"line\"\nand\tmore",
             {{"key", "eu-mtls"}, {"empty", ""}, {"times", std::int64_t{3}}, {"path", "a\\b"}});
    const auto lines = captured.Lines();
    REQUIRE(lines.size() == 1);
    const std::string& text = lines[0];
    const std::string before_time = json ? R"({"ts":")" : "ts=";
    const std::string after_time = json ? R"(Z","level":"warn","msg":"a \"line\"\nand\u0009more",)"
                                          R"("key":"eu-mtls","times":3,"path":"a\\b"})"
                                        : R"(Z level=warn msg="a \"line\"\nand\u0009more" )"
                                          R"(key=eu-mtls times=3 path="a\\b")";
    constexpr std::size_t kSeconds = 19;  // 2026-01-31T23:59:59
    constexpr std::size_t kTime = kSeconds + 4;
    REQUIRE(text.size() == before_time.size() + kTime + after_time.size());
    CHECK(text.starts_with(before_time));
    CHECK(text.ends_with(after_time));
    std::tm utc = {};
    const std::string stamp = text.substr(before_time.size(), kTime);
    const char* const rest = strptime(stamp.c_str(), "%Y-%m-%dT%H:%M:%S", &utc);
    REQUIRE(rest == stamp.c_str() + kSeconds);
    CHECK(*rest == '.');
    CHECK(std::string(rest + 1).find_first_not_of("0123456789") == std::string::npos);
    CHECK(std::abs(timegm(&utc) - std::time(nullptr)) < 60);
  }
  scrape::ConfigureLog(LogLevel::kInfo, scrape::LogFormat::kLogfmt);
  before == nullptr ? unsetenv("TZ") : setenv("TZ", zone.c_str(), 1);
  tzset();
}

TEST_CASE("levels have names") {
  CHECK(scrape::LogLevelByName("debug") == LogLevel::kDebug);
  CHECK(scrape::LogLevelByName("error") == LogLevel::kError);
  CHECK_FALSE(scrape::LogLevelByName("Error").has_value());
  CHECK_FALSE(scrape::LogLevelByName("").has_value());
}

// File names and the names in a stranger's certificate get into the log.
TEST_CASE("no text steers the terminal of who reads the log, or is no UTF-8") {
  const test::CapturedLog captured;
  LogEvent(LogLevel::kInfo, "first",
           {{"text",
             "\x1b[2J \xc2\x9b"
             "2J \x7f \r\n \xff \xc3( \xed\xa0\x80 \xf0\x9f \"\\ "
             "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"}});
  CHECK(captured
            .Lines("text=\"\\u001b[2J \\u00c2\\u009b2J \\u007f \\u000d\\n \\u00ff \\u00c3( "
                   "\\u00ed\\u00a0\\u0080 \\u00f0\\u009f \\\"\\\\ "
                   "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\"")
            .size() == 1);
}
