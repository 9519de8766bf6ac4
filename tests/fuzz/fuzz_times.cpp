// Dates, durations, numbers and header lines. The first byte picks the reader, the rest is its
// text.

#include <chrono>
#include <string>

#include <fmt/format.h>

#include "exporter/config/duration.h"
#include "scrape/api/dates.h"
#include "scrape/api/decimal.h"
#include "scrape/api/http_answer.h"
#include "scrape/api/label_text.h"
#include "scrape/api/stated_times.h"
#include "tests/fuzz/answers.h"
#include "tests/fuzz/property.h"

using fuzz::Expect;
using std::chrono::seconds;

namespace {

constexpr scrape::SystemTime kNow{seconds(1'700'000'000)};

std::string Written(scrape::SystemTime at) {
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(at - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     time.hours().count(), time.minutes().count(), time.seconds().count(),
                     time.subseconds().count());
}

void CheckDate(std::string_view text) {
  using namespace std::chrono_literals;
  const auto at = scrape::ParseDate(text);
  const scrape::Expiration expiration = scrape::ParseExpiration(text);
  Expect((expiration.kind == scrape::Expiration::Kind::kUnknown) == !at,
         "what is no date says nothing of the end");
  if (!at) return;
  // An offset may lead out of the years that can be written.
  if (*at < std::chrono::sys_days(1y / 1 / 1) || *at >= std::chrono::sys_days(10000y / 1 / 1)) {
    return;
  }
  Expect(scrape::ParseDate(Written(*at)) == at, "a date is read as it is written");
}

void CheckDuration(std::string_view text) {
  const auto duration = exporter::ParseDuration(text);
  if (!duration) return;
  Expect(duration->count() >= 0, "a duration is not negative");
  Expect(exporter::ParseDuration(exporter::FormatDuration(*duration)) == duration,
         "a duration is read as it is written");
}

void CheckWait(std::optional<seconds> wait) {
  Expect(!wait || (*wait >= seconds(0) && *wait <= scrape::kLongestStatedTime),
         "a wait is bounded");
}

void CheckHeaders(std::string_view text) {
  scrape::HttpAnswer answer;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    ReadHeaderLine(line, kNow, answer);
    CheckWait(answer.retry_after);
    CheckWait(answer.rate_limit.reset_in);
    CheckWait(answer.rate_limit.interval);
    Expect(answer.rate_limit.interval != seconds(0), "a window has a length");
    const std::string& family = answer.rate_limit.family;
    Expect(family.empty() || scrape::IsFamilyName(family), "a family has a plain name");
    const auto time = answer.api_response_time_seconds;
    Expect(!time || (*time >= 0 && *time <= 86400), "a response time is bounded");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text = fuzz::TextOf(data + 1, size - 1);
  switch (data[0]) {
    case 'd':
      CheckDate(text);
      break;
    case 'h':
      CheckHeaders(text);
      break;
    case 'l':
      CheckDuration(text);
      break;
    case 'n':
      fuzz::CheckNumber(scrape::ParseDecimal(text));
      break;
    case 'r':
      CheckWait(scrape::ParseRetryAfter(text, kNow));
      break;
    case 's':
      CheckWait(scrape::ParseSeconds(text));
      break;
    case 'w':
      CheckWait(scrape::FindResetIn(text));
      break;
    default:
      break;
  }
  return 0;
}
