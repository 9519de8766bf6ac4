#pragma once
// One complete HTTP answer of the service, as far as the decoders care. Plain data, any thread. The
// body may hold the apikey in clear (`portal_api_key`): never log it, drop it after decoding.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "scrape/api/quota.h"

namespace scrape {

// What the X-RateLimit-* headers say of the window of one API family.
struct RateLimit {
  std::string family = {};  // X-RateLimit-For without its "_api"; empty: not said, or not readable
  std::optional<std::chrono::seconds> reset_in = {};
  std::optional<std::chrono::seconds> interval = {};  // the window's length; never 0
};

struct HttpAnswer {
  int status = 0;
  std::string body = {};
  std::optional<double> api_response_time_seconds = {};  // X-Response-Time
  std::optional<std::chrono::seconds> retry_after = {};  // Retry-After, from the answer's arrival
  RateLimit rate_limit = {};
  std::optional<SystemTime> date = {};  // Date: what the service's clock says
};

// Takes what one header line ("Name: value", no line end) says into `answer`, which arrived at
// `now`. A status line begins a new answer: what an interim one, or a proxy's, said before is
// forgotten.
void ReadHeaderLine(std::string_view line, SystemTime now, HttpAnswer& answer);

// Reads X-Response-Time: "330ms", "0.33s" or "330" (documented as milliseconds). Absent when it is
// anything else, negative or longer than a day.
[[nodiscard]] std::optional<double> ParseResponseTime(std::string_view header_value);

}  // namespace scrape
