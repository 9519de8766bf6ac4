#pragma once
// One request by libcurl, as a real client of the service makes it. Any thread.

#include <chrono>
#include <map>
#include <string>

struct CurlAnswer {
  int error = 0;  // a CURLcode
  long status = 0;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
};

// No apikey header when `apikey` is empty; redirects are not followed.
[[nodiscard]] CurlAnswer Ask(const std::string& url, const std::string& apikey,
                             std::chrono::milliseconds timeout = std::chrono::seconds(10));
