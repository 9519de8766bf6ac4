#include "exporter/status/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>

namespace exporter {
namespace {

struct Unit {
  std::int64_t seconds;
  const char* name;
};
constexpr std::array kUnits = {Unit{86400, "d"}, Unit{3600, "h"}, Unit{60, "m"}, Unit{1, "s"}};

std::string Date(scrape::SystemTime time, const char* between, const char* end) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - day));
  return fmt::format("{:04}-{:02}-{:02}{}{:02}:{:02}:{:02}{}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     between, clock.hours().count(), clock.minutes().count(),
                     clock.seconds().count(), end);
}

}  // namespace

std::string DurationWords(std::chrono::milliseconds duration) {
  const std::int64_t seconds =
      std::abs(std::chrono::duration_cast<std::chrono::seconds>(duration).count());
  for (std::size_t i = 0; i + 1 < kUnits.size(); ++i) {
    if (seconds < kUnits[i].seconds) continue;
    const Unit& next = kUnits[i + 1];
    const std::int64_t rest = seconds % kUnits[i].seconds / next.seconds;
    const std::string whole = fmt::format("{} {}", seconds / kUnits[i].seconds, kUnits[i].name);
    return rest == 0 ? whole : fmt::format("{} {} {}", whole, rest, next.name);
  }
  return fmt::format("{} s", seconds);
}

std::string NumberWords(double number) {
  constexpr double kLargest = 9007199254740992.0;  // beyond it the digits are not the service's
  if (!std::isfinite(number) || std::abs(number) > kLargest) return fmt::format("{:g}", number);
  const bool whole = std::trunc(number) == number;
  const std::string text = whole ? fmt::format("{:.0f}", number) : fmt::format("{:.1f}", number);
  const std::size_t point = std::min(text.find('.'), text.size());
  std::string words;
  words.reserve(text.size() + point / 3);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool comma = i > 0 && i < point && (point - i) % 3 == 0 && text[i - 1] != '-';
    if (comma) words += ',';
    words += text[i];
  }
  return words;
}

std::string ShareWords(double share) {
  const double percent = share * 100;
  if (percent > 0 && percent < 1) return "<1 %";
  return NumberWords(std::floor(percent + 1e-9)) + " %";
}

std::string DateWords(scrape::SystemTime time) { return Date(time, " ", " UTC"); }
std::string DateIso(scrape::SystemTime time) { return Date(time, "T", "Z"); }

}  // namespace exporter
