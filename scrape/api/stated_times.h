#pragma once
// Waits and lengths that answers state in headers and words. Pure, any thread.
//
// Everything is at most kLongestStatedTime: what is longer is cut to it, so that nobody overflows a
// clock with it. What cannot be read is absent, never 0.

#include <chrono>
#include <optional>
#include <string_view>

#include "scrape/api/quota.h"

namespace scrape {

inline constexpr std::chrono::seconds kLongestStatedTime = std::chrono::days(400);

// Retry-After: seconds, or the HTTP date ("Sun, 06 Nov 1994 08:49:37 GMT") seen from `now`, rounded
// up. A negative number and a date in the past are 0.
[[nodiscard]] std::optional<std::chrono::seconds> ParseRetryAfter(std::string_view header_value,
                                                                  SystemTime now);

// X-RateLimit-Reset-In ("86400s") and X-RateLimit-Interval ("86400"): whole seconds, the unit may
// be missing.
[[nodiscard]] std::optional<std::chrono::seconds> ParseSeconds(std::string_view header_value);

// "... will be reset in 5 hours 12 minutes 30 seconds": the time after "reset in". Parts may be
// missing, but not all of them.
[[nodiscard]] std::optional<std::chrono::seconds> FindResetIn(std::string_view words);

}  // namespace scrape
