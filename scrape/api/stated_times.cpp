#include "scrape/api/stated_times.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "scrape/api/dates.h"

namespace scrape {
namespace {

using std::chrono::seconds;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

char ToLower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool StartsWithNoCase(std::string_view text, std::string_view lower_case) {
  return text.size() >= lower_case.size() &&
         std::equal(lower_case.begin(), lower_case.end(), text.begin(),
                    [](char expected, char c) { return ToLower(c) == expected; });
}

void SkipSpaces(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
}

std::string_view Trimmed(std::string_view text) {
  SkipSpaces(text);
  return text.substr(0, text.find_last_not_of(" \t") + 1);
}

// The digits at the front of `text`, which go; anything above kLongestStatedTime is cut to it.
std::optional<std::int64_t> TakeNumber(std::string_view& text) {
  if (text.empty() || !IsDigit(text.front())) return std::nullopt;
  std::int64_t value = 0;
  for (; !text.empty() && IsDigit(text.front()); text.remove_prefix(1)) {
    value = std::min<std::int64_t>(value * 10 + (text.front() - '0'), kLongestStatedTime.count());
  }
  return value;
}

// The unit at the front of `text`, in one of the spellings "hour" and "hours", which goes.
std::optional<seconds> TakeUnit(std::string_view& text) {
  static constexpr std::array<std::pair<std::string_view, seconds>, 4> kUnits = {
      {{"day", std::chrono::days(1)},
       {"hour", std::chrono::hours(1)},
       {"minute", std::chrono::minutes(1)},
       {"second", seconds(1)}}};
  for (const auto& [name, length] : kUnits) {
    if (!StartsWithNoCase(text, name)) continue;
    text.remove_prefix(name.size());
    if (StartsWithNoCase(text, "s")) text.remove_prefix(1);
    return length;
  }
  return std::nullopt;
}

}  // namespace

std::optional<seconds> ParseRetryAfter(std::string_view header_value, SystemTime now) {
  std::string_view text = Trimmed(header_value);
  if (const std::optional<SystemTime> at = ParseHttpDate(text)) {
    return std::clamp(std::chrono::ceil<seconds>(*at - now), seconds(0), kLongestStatedTime);
  }
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const std::optional<std::int64_t> number = TakeNumber(text);
  if (!number || !text.empty()) return std::nullopt;
  return negative ? seconds(0) : seconds(*number);
}

std::optional<seconds> ParseSeconds(std::string_view header_value) {
  std::string_view text = Trimmed(header_value);
  const std::optional<std::int64_t> number = TakeNumber(text);
  SkipSpaces(text);
  if (!number || (!text.empty() && text != "s")) return std::nullopt;
  return seconds(*number);
}

std::optional<seconds> FindResetIn(std::string_view words) {
  static constexpr std::string_view kBefore = "reset in ";
  const auto* const found = std::search(words.begin(), words.end(), kBefore.begin(), kBefore.end(),
                                        [](char c, char b) { return ToLower(c) == b; });
  if (found == words.end()) return std::nullopt;
  words.remove_prefix(static_cast<std::size_t>(found - words.begin()) + kBefore.size());
  std::optional<seconds> total;
  while (true) {
    SkipSpaces(words);
    const std::optional<std::int64_t> number = TakeNumber(words);
    if (!number) return total;
    SkipSpaces(words);
    const std::optional<seconds> unit = TakeUnit(words);
    if (!unit) return total;
    // Divided first: the product may not fit.
    const bool too_long = *number > kLongestStatedTime.count() / unit->count();
    const seconds part = too_long ? kLongestStatedTime : *number * *unit;
    total = std::min(total.value_or(seconds(0)) + part, kLongestStatedTime);
    if (words.starts_with(',')) words.remove_prefix(1);
  }
}

}  // namespace scrape
