#pragma once
// Numbers and times as people read them. Pure, any thread.

#include <chrono>
#include <string>

#include "scrape/api/quota.h"

namespace exporter {

// The two largest units, cut: "3 d 4 h", "21 h 4 m", "3 m 20 s", "45 s"; negative ones as their
// positive ones.
[[nodiscard]] std::string DurationWords(std::chrono::milliseconds duration);
// "1,000,000"; one decimal where it is no integer.
[[nodiscard]] std::string NumberWords(double number);
// "97 %", cut, so that 100 % is nothing less; "<1 %" for what is little but not nothing.
[[nodiscard]] std::string ShareWords(double share);
// "2026-01-02 03:04:05 UTC", and as machines read it: "2026-01-02T03:04:05Z".
[[nodiscard]] std::string DateWords(scrape::SystemTime time);
[[nodiscard]] std::string DateIso(scrape::SystemTime time);

}  // namespace exporter
