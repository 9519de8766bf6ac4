#pragma once
// One HTTP request of a test, by libcurl.

#include <map>
#include <string>
#include <vector>

namespace test {

struct Fetched {
  int status = 0;  // 0: no answer
  std::string body;
  std::map<std::string, std::string> headers;  // names in lower case
  double seconds = 0;
};

struct FetchOptions {
  std::string method = "GET";
  std::vector<std::string> headers;
  bool decompress = false;
  std::string user = {};     // "name:password"; empty: none
  std::string ca_file = {};  // for https
  std::string from = {};     // the address to come from
};

[[nodiscard]] Fetched Fetch(const std::string& url, const FetchOptions& options = {});

}  // namespace test
