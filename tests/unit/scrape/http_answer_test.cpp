#include "scrape/api/http_answer.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string_view>

using namespace std::chrono_literals;
using scrape::HttpAnswer;
using scrape::ParseResponseTime;

TEST_CASE("the response time is read with and without its unit") {
  CHECK(ParseResponseTime("330ms") == 0.33);
  CHECK(ParseResponseTime("330") == 0.33);
  CHECK(ParseResponseTime(" 330 ms ") == 0.33);
  CHECK(ParseResponseTime("0.33s") == 0.33);
  CHECK(ParseResponseTime("2 s") == 2.0);
  CHECK(ParseResponseTime("0ms") == 0.0);
  CHECK(ParseResponseTime("1.5ms") == 0.0015);
  CHECK(ParseResponseTime("86400s") == 86400.0);
}

TEST_CASE("an odd response time is absent") {
  for (const char* text : {"", " ", "ms", "s", "-1ms", "fast", "330us", "330m", "1h", "nan", "infs",
                           "86401s", "1e300", "0x10ms", "330ms330ms", "330,5ms"}) {
    CAPTURE(text);
    CHECK(ParseResponseTime(text) == std::nullopt);
  }
}

namespace {

HttpAnswer AnswerWith(std::initializer_list<std::string_view> lines) {
  HttpAnswer answer;
  for (const std::string_view line : lines) {
    scrape::ReadHeaderLine(line, scrape::SystemTime(784111777s), answer);
  }
  return answer;
}

}  // namespace

TEST_CASE("headers are read in any case of their names") {
  const HttpAnswer answer =
      AnswerWith({"HTTP/2 200", "x-ratelimit-for: reputation_api", "X-RateLimit-Reset-In: 86399s",
                  "X-RATELIMIT-INTERVAL:86400", "Retry-After: 120", "X-Response-Time:330ms",
                  "x-ratelimit-limit: 4000", ""});
  CHECK(answer.rate_limit.family == "reputation");
  CHECK(answer.rate_limit.reset_in == 86399s);
  CHECK(answer.rate_limit.interval == 86400s);
  CHECK(answer.retry_after == 120s);
  CHECK(answer.api_response_time_seconds == 0.33);
}

TEST_CASE("a date in Retry-After is seen from the answer's arrival") {
  CHECK(AnswerWith({"retry-after: Sun, 06 Nov 1994 08:50:37 GMT"}).retry_after == 60s);
}

TEST_CASE("what the clock of the service says") {
  CHECK(AnswerWith({"date: Sun, 06 Nov 1994 08:49:37 GMT"}).date == scrape::SystemTime(784111777s));
  CHECK_FALSE(AnswerWith({"Date: today"}).date);
  CHECK_FALSE(
      AnswerWith({"HTTP/1.1 100", "Date: Sun, 06 Nov 1994 08:49:37 GMT", "HTTP/1.1 200"}).date);
}

TEST_CASE("headers that say nothing readable are absent") {
  const HttpAnswer answer = AnswerWith({"x-ratelimit-for: uploadFile", "x-ratelimit-reset-in: soon",
                                        "x-ratelimit-interval: 0", "retry-after:", "retry-after",
                                        ": 5", "retry-aftr: 5"});
  CHECK(answer.rate_limit.family.empty());
  CHECK_FALSE(answer.rate_limit.reset_in);
  CHECK_FALSE(answer.rate_limit.interval);
  CHECK_FALSE(answer.retry_after);
}

TEST_CASE("what an interim answer or a proxy said is not the answer's") {
  const HttpAnswer answer =
      AnswerWith({"HTTP/1.1 200 Connection established", "Retry-After: 5",
                  "X-RateLimit-For: feed_api", "X-RateLimit-Reset-In: 5s", "X-Response-Time: 1ms",
                  "", "HTTP/1.1 429 Too Many Requests", "X-RateLimit-Interval: 3600"});
  CHECK_FALSE(answer.retry_after);
  CHECK(answer.rate_limit.family.empty());
  CHECK_FALSE(answer.rate_limit.reset_in);
  CHECK_FALSE(answer.api_response_time_seconds);
  CHECK(answer.rate_limit.interval == 3600s);
}
