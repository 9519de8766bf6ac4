#pragma once
// Whether the service granted a request and, if not, why: error.code of its answer first, HTTP
// status second. Pure, any thread.

#include <span>
#include <string_view>

#include <tl/expected.hpp>

#include "scrape/api/http_answer.h"
#include "scrape/api/json.h"
#include "scrape/api/scrape_error.h"

namespace scrape {

// The answer's document, whose Root() is there, or the failure with its verdict on the apikey.
// An `error` object makes any status a failure: the service is known to send one with 200.
// An object without any of the endpoint's documented members ({}, {"message": ...}, the old API's
// {"success", "data"}) is Reason::kSchema: otherwise nonsense would count as a success.
[[nodiscard]] tl::expected<JsonDocument, ScrapeError> ReadAnswer(
    const HttpAnswer& answer, std::span<const std::string_view> documented_members);

}  // namespace scrape
