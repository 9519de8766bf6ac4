#pragma once
// The good answer of any collector. Pure, any thread.

#include <cstddef>
#include <variant>

#include <tl/expected.hpp>

#include "scrape/api/collector.h"
#include "scrape/api/http_answer.h"
#include "scrape/api/quota.h"
#include "scrape/api/scan_history.h"
#include "scrape/api/scrape_error.h"
#include "scrape/api_key.h"

namespace scrape {

using Answer = std::variant<KeyInfo, Consumption, Remaining, ScanHistoryPage>;

// Of this collector, asked with this key.
[[nodiscard]] tl::expected<Answer, ScrapeError> Decode(Collector collector, const HttpAnswer& http,
                                                       const ApiKey& key);

// Of unknown API families: those that are not in the answer because there are too many.
[[nodiscard]] std::size_t DroppedFamilies(const Answer& answer);

}  // namespace scrape
