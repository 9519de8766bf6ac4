#pragma once
// What the caps on requests per second do to the configured intervals: pure functions, any thread.

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "scrape/api_key.h"

namespace scrape {

// "host", or "host:port" where the port is not the scheme's own, of a base URL: what the caps count
// by.
[[nodiscard]] std::string HostOf(const std::string& base_url);

// Per host, by how much the intervals of its keys are stretched: 1 where the cap suffices, else
// (requests per second that the configured intervals need) / cap.
[[nodiscard]] std::map<std::string, double> StretchFactors(
    const std::vector<std::shared_ptr<const ApiKey>>& keys, int max_requests_per_second);

[[nodiscard]] std::chrono::milliseconds Stretched(std::chrono::milliseconds interval,
                                                  double factor);

}  // namespace scrape
