#pragma once
// The query of a request as names and values. Pure, any thread.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace http {

// In the order of the query, names as often as they are there; percent-decoded, "+" is a space. A
// name without "=" has an empty value.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> ReadQuery(std::string_view query);

}  // namespace http
