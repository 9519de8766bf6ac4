#pragma once
// How long a quota window is, as far as somebody said so. Plain data, any thread.

#include <chrono>

namespace scrape {

struct WindowLength {
  // kUnknown: not said. kCalendarMonth: from the first of a month to the next, in UTC.
  enum class Kind { kUnknown, kFixed, kCalendarMonth };
  Kind kind = Kind::kUnknown;
  std::chrono::milliseconds fixed{};  // of kFixed only

  friend bool operator==(const WindowLength&, const WindowLength&) = default;
};

}  // namespace scrape
