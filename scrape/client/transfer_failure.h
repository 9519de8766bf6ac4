#pragma once
// Why a transfer of libcurl failed, in the words of this program. Scrape thread. Includes libcurl:
// for scrape/client/*.cpp alone.

#include <curl/curl.h>

#include <string_view>

#include "scrape/api/scrape_error.h"
#include "scrape/connection.h"

namespace scrape {

// `error_text`: what libcurl wrote into the handle's error buffer. What a proxy refuses is a matter
// of the way to the service, never the service's verdict.
[[nodiscard]] ScrapeError FailureOf(CURL* easy, CURLcode code, std::string_view error_text,
                                    const Connection& connection);

}  // namespace scrape
