#include "scrape/api/http_answer.h"

#include <algorithm>
#include <array>
#include <utility>

#include "scrape/api/dates.h"
#include "scrape/api/decimal.h"
#include "scrape/api/families.h"
#include "scrape/api/stated_times.h"

namespace scrape {
namespace {

constexpr double kLongestSeconds = 86400;

std::string_view Trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool Is(std::string_view name, std::string_view lower_case) {
  return std::equal(
      name.begin(), name.end(), lower_case.begin(), lower_case.end(),
      [](char c, char expected) { return (c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c) == expected; });
}

}  // namespace

std::optional<double> ParseResponseTime(std::string_view header_value) {
  // "ms" before "s", which it ends with; no unit at all comes last.
  static constexpr std::array<std::pair<std::string_view, double>, 3> kUnits = {
      {{"ms", 1e3}, {"s", 1}, {"", 1e3}}};
  const std::string_view text = Trimmed(header_value);
  for (const auto& [unit, per_second] : kUnits) {
    if (!text.ends_with(unit)) continue;
    const std::optional<double> number =
        ParseDecimal(Trimmed(text.substr(0, text.size() - unit.size())));
    if (!number || *number < 0 || *number / per_second > kLongestSeconds) return std::nullopt;
    return *number / per_second;
  }
  return std::nullopt;
}

void ReadHeaderLine(std::string_view line, SystemTime now, HttpAnswer& answer) {
  if (line.starts_with("HTTP/")) {
    answer.api_response_time_seconds.reset();
    answer.retry_after.reset();
    answer.rate_limit = {};
    answer.date.reset();
    return;
  }
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return;
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = Trimmed(line.substr(colon + 1));
  if (Is(name, "x-response-time")) {
    answer.api_response_time_seconds = ParseResponseTime(value);
  } else if (Is(name, "retry-after")) {
    answer.retry_after = ParseRetryAfter(value, now);
  } else if (Is(name, "date")) {
    answer.date = ParseHttpDate(value);
  } else if (Is(name, "x-ratelimit-for")) {
    answer.rate_limit.family = FamilyOfApi(value);
  } else if (Is(name, "x-ratelimit-reset-in")) {
    answer.rate_limit.reset_in = ParseSeconds(value);
  } else if (Is(name, "x-ratelimit-interval")) {
    answer.rate_limit.interval = ParseSeconds(value);
    if (answer.rate_limit.interval == std::chrono::seconds(0)) answer.rate_limit.interval.reset();
  }
}

}  // namespace scrape
