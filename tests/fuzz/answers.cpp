#include "tests/fuzz/answers.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "scrape/api/families.h"
#include "scrape/api/label_text.h"
#include "scrape/api/stated_times.h"
#include "tests/exposition_checker.h"
#include "tests/fuzz/property.h"

namespace fuzz {
namespace {

constexpr std::array kStatuses = {200, 204, 206, 301, 400, 401, 403, 404, 408,
                                  429, 500, 503, 0,   100, 418, 599, 600, -1};

const std::array<std::vector<std::string_view>, 4> kHeaders = {{
    {},
    {"X-Response-Time: 330ms", "X-RateLimit-For: reputation_api", "X-RateLimit-Reset-In: 86400s",
     "X-RateLimit-Interval: 86400"},
    {"Retry-After: 120", "X-RateLimit-For: prevention_api", "X-RateLimit-Reset-In: 60"},
    {"Retry-After: Sun, 06 Nov 2044 08:49:37 GMT", "X-Response-Time: -1"},
}};

constexpr scrape::SystemTime kNow{std::chrono::seconds(1'700'000'000)};

std::size_t Pick(char c, std::size_t count) { return static_cast<unsigned char>(c - '0') % count; }

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return lower;
}

// Not even the beginning of it.
bool ShowsSecret(std::string_view text) {
  return LowerCase(text).find(kSecret.substr(0, 12)) != std::string::npos;
}

bool IsControl(std::string_view text, std::size_t at) {
  const auto byte = static_cast<unsigned char>(text[at]);
  const auto next = at + 1 < text.size() ? static_cast<unsigned char>(text[at + 1]) : 0xFFU;
  return byte < 0x20 || byte == 0x7F || (byte == 0xC2 && next < 0xA0);
}

void CheckTime(std::optional<std::chrono::seconds> time) {
  if (!time) return;
  Expect(*time >= std::chrono::seconds(0), "a stated time is not negative");
  Expect(*time <= scrape::kLongestStatedTime, "a stated time is bounded");
}

}  // namespace

scrape::HttpAnswer AnswerOf(std::string_view input) {
  scrape::HttpAnswer answer;
  answer.status = 200;
  if (input.size() < 2) return answer;
  answer.status = kStatuses.at(Pick(input[0], kStatuses.size()));
  for (const std::string_view line : kHeaders.at(Pick(input[1], kHeaders.size()))) {
    ReadHeaderLine(line, kNow, answer);
  }
  answer.body = input.substr(2);
  return answer;
}

void CheckError(const scrape::HttpAnswer& answer, const scrape::ScrapeError& error) {
  Expect(!NameOf(error.reason).empty(), "a reason has a name");
  Expect(error.http_status == answer.status, "an error carries the status");
  Expect(error.detail.size() < 200 && !ShowsSecret(error.detail) &&
             std::ranges::all_of(error.detail, [](char c) { return c >= ' ' && c <= '~'; }),
         "a detail is a line of our own");
  CheckTime(error.retry_after);
  CheckTime(error.reset_in);
}

void CheckNumber(std::optional<double> number) {
  if (!number) return;
  Expect(std::isfinite(*number), "a number is finite");
  Expect(std::abs(*number) <= 9007199254740992.0, "a number is exact");
  Expect(*number != 0 || !std::signbit(*number), "zero has no sign");
}

void CheckValues(const scrape::ApiValues& values) {
  Expect(std::ranges::is_sorted(values), "families are sorted");
  for (std::size_t i = 0; i < values.size(); ++i) {
    Expect(i == 0 || values[i - 1].first != values[i].first, "a family is there once");
    Expect(scrape::IsFamilyName(values[i].first), "a family has a plain name");
    Expect(values[i].first != "throttling_limit", "throttling is no family");
    Expect(!ShowsSecret(values[i].first), "a family does not show the apikey");
    CheckNumber(values[i].second);
  }
  Expect(values.size() <= scrape::kKnownFamilies.size() + scrape::kMaxUnknownFamilies,
         "families are bounded");
}

void CheckLabel(std::string_view text) {
  Expect(text.size() <= scrape::kMaxLabelBytes, "a label is bounded");
  Expect(test::IsValidUtf8(text), "a label is UTF-8");
  for (std::size_t i = 0; i < text.size(); ++i) {
    Expect(!IsControl(text, i), "a label has no control characters");
  }
  Expect(!ShowsSecret(text), "a label does not show the apikey");
}

}  // namespace fuzz
