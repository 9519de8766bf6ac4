#pragma once
// URLs with a query. Pure, any thread.

#include <string>
#include <utility>
#include <vector>

namespace scrape {

// `url`, which has no query, with these names and values, percent-encoded. Throws std::bad_alloc.
[[nodiscard]] std::string WithQuery(std::string url,
                                    const std::vector<std::pair<std::string, std::string>>& query);

}  // namespace scrape
