#pragma once
// One complete HTTP answer of the service, as far as the decoders care. Plain data, any thread. The
// body may hold the apikey in clear (`portal_api_key`): never log it, drop it after decoding.

#include <optional>
#include <string>
#include <string_view>

namespace scrape {

struct HttpAnswer {
  int status = 0;
  std::string body;
  std::optional<double> api_response_time_seconds;  // X-Response-Time
};

// Reads X-Response-Time: "330ms", "0.33s" or "330" (documented as milliseconds). Absent when it is
// anything else, negative or longer than a day.
[[nodiscard]] std::optional<double> ParseResponseTime(std::string_view header_value);

}  // namespace scrape
