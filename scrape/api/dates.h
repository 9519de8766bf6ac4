#pragma once
// Dates of the service. Pure, any thread.

#include <optional>
#include <string_view>

#include "scrape/api/quota.h"

namespace scrape {

// ISO 8601: "2019-02-21T09:12:36.275Z", with or without seconds and fraction (cut to milliseconds),
// with Z, an offset (+02:00, +0200, +02) or nothing (taken as UTC), or a date alone (midnight UTC).
// Years 0001 to 9999; a day that does not exist, a second 60 and an hour 24 are refused.
[[nodiscard]] std::optional<SystemTime> ParseDate(std::string_view text);

// The one form of HTTP dates that is sent today: "Sun, 06 Nov 1994 08:49:37 GMT". A leap second is
// taken for the second after; whether the name of the day fits the date is not looked at.
[[nodiscard]] std::optional<SystemTime> ParseHttpDate(std::string_view text);

// The licence's end: kNever for the Unix epoch or earlier, kUnknown for an unreadable text.
[[nodiscard]] Expiration ParseExpiration(std::string_view text);

}  // namespace scrape
