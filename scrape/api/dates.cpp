#include "scrape/api/dates.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>

namespace scrape {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Takes pieces off the front of a text; each Take* leaves the text alone when it does not match.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool AtEnd() const { return rest_.empty(); }

  bool TakeAnyOf(std::string_view characters) {
    if (rest_.empty() || characters.find(rest_.front()) == std::string_view::npos) return false;
    rest_.remove_prefix(1);
    return true;
  }

  // Exactly `digits` digits with a value of at most `largest`.
  std::optional<int> TakeNumber(std::size_t digits, int largest) {
    if (rest_.size() < digits) return std::nullopt;
    int value = 0;
    for (const char c : rest_.substr(0, digits)) {
      if (!IsDigit(c)) return std::nullopt;
      value = value * 10 + (c - '0');
    }
    if (value > largest) return std::nullopt;
    rest_.remove_prefix(digits);
    return value;
  }

  // One of `names`, all three letters long; its index.
  template <std::size_t kCount>
  std::optional<unsigned> TakeName(const std::array<std::string_view, kCount>& names) {
    const auto* const found = std::find(names.begin(), names.end(), rest_.substr(0, 3));
    if (found == names.end()) return std::nullopt;
    rest_.remove_prefix(3);
    return static_cast<unsigned>(found - names.begin());
  }

  bool Take(std::string_view text) {
    if (!rest_.starts_with(text)) return false;
    rest_.remove_prefix(text.size());
    return true;
  }

  // One or more digits after the decimal point; those beyond the third are dropped.
  std::optional<int> TakeMilliseconds() {
    if (rest_.empty() || !IsDigit(rest_.front())) return std::nullopt;
    int value = 0;
    for (int weight = 100; !rest_.empty() && IsDigit(rest_.front()); weight /= 10) {
      value += weight * (rest_.front() - '0');
      rest_.remove_prefix(1);
    }
    return value;
  }

 private:
  std::string_view rest_;
};

std::optional<std::chrono::sys_days> TakeDay(Cursor& cursor) {
  const std::optional<int> year = cursor.TakeNumber(4, 9999);
  if (!year || *year == 0 || !cursor.TakeAnyOf("-")) return std::nullopt;
  const std::optional<int> month = cursor.TakeNumber(2, 12);
  if (!month || !cursor.TakeAnyOf("-")) return std::nullopt;
  const std::optional<int> day = cursor.TakeNumber(2, 31);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day)));
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date);
}

std::optional<std::chrono::milliseconds> TakeTimeOfDay(Cursor& cursor) {
  const std::optional<int> hour = cursor.TakeNumber(2, 23);
  if (!hour || !cursor.TakeAnyOf(":")) return std::nullopt;
  const std::optional<int> minute = cursor.TakeNumber(2, 59);
  if (!minute) return std::nullopt;
  std::chrono::milliseconds time = std::chrono::hours(*hour) + std::chrono::minutes(*minute);
  if (!cursor.TakeAnyOf(":")) return time;
  const std::optional<int> second = cursor.TakeNumber(2, 59);
  if (!second) return std::nullopt;
  time += std::chrono::seconds(*second);
  if (!cursor.TakeAnyOf(".,")) return time;
  const std::optional<int> fraction = cursor.TakeMilliseconds();
  if (!fraction) return std::nullopt;
  return time + std::chrono::milliseconds(*fraction);
}

std::optional<std::chrono::minutes> TakeOffset(Cursor& cursor) {
  if (cursor.AtEnd() || cursor.TakeAnyOf("Zz")) return std::chrono::minutes(0);
  const bool east = cursor.TakeAnyOf("+");
  if (!east && !cursor.TakeAnyOf("-")) return std::nullopt;
  const std::optional<int> hours = cursor.TakeNumber(2, 23);
  if (!hours) return std::nullopt;
  std::optional<int> minutes = 0;
  if (cursor.TakeAnyOf(":") || !cursor.AtEnd()) minutes = cursor.TakeNumber(2, 59);
  if (!minutes) return std::nullopt;
  const std::chrono::minutes offset = std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
  return east ? offset : -offset;
}

}  // namespace

std::optional<SystemTime> ParseDate(std::string_view text) {
  Cursor cursor(text);
  const std::optional<std::chrono::sys_days> day = TakeDay(cursor);
  if (!day) return std::nullopt;
  if (cursor.AtEnd()) return SystemTime(*day);
  if (!cursor.TakeAnyOf("Tt ")) return std::nullopt;
  const std::optional<std::chrono::milliseconds> time = TakeTimeOfDay(cursor);
  if (!time) return std::nullopt;
  const std::optional<std::chrono::minutes> offset = TakeOffset(cursor);
  if (!offset || !cursor.AtEnd()) return std::nullopt;
  return SystemTime(*day) + *time - *offset;
}

std::optional<SystemTime> ParseHttpDate(std::string_view text) {
  static constexpr std::array<std::string_view, 7> kDays = {"Mon", "Tue", "Wed", "Thu",
                                                            "Fri", "Sat", "Sun"};
  static constexpr std::array<std::string_view, 12> kMonths = {
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  Cursor cursor(text);
  if (!cursor.TakeName(kDays) || !cursor.Take(", ")) return std::nullopt;
  const std::optional<int> day = cursor.TakeNumber(2, 31);
  if (!day || !cursor.Take(" ")) return std::nullopt;
  const std::optional<unsigned> month = cursor.TakeName(kMonths);
  if (!month || !cursor.Take(" ")) return std::nullopt;
  const std::optional<int> year = cursor.TakeNumber(4, 9999);
  if (!year || !cursor.Take(" ")) return std::nullopt;
  const std::optional<int> hour = cursor.TakeNumber(2, 23);
  if (!hour || !cursor.Take(":")) return std::nullopt;
  const std::optional<int> minute = cursor.TakeNumber(2, 59);
  if (!minute || !cursor.Take(":")) return std::nullopt;
  const std::optional<int> second = cursor.TakeNumber(2, 60);
  if (!second || !cursor.Take(" GMT") || !cursor.AtEnd()) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(*year), std::chrono::month(*month + 1),
                                         std::chrono::day(static_cast<unsigned>(*day)));
  if (!date.ok()) return std::nullopt;
  return SystemTime(std::chrono::sys_days(date)) + std::chrono::hours(*hour) +
         std::chrono::minutes(*minute) + std::chrono::seconds(*second);
}

Expiration ParseExpiration(std::string_view text) {
  const std::optional<SystemTime> at = ParseDate(text);
  if (!at) return {};
  if (*at <= SystemTime{}) return {Expiration::Kind::kNever, {}};
  return {Expiration::Kind::kAt, *at};
}

}  // namespace scrape
