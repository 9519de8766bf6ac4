#pragma once
// What the answers of the polled endpoints mean. Pure, any thread.
//
// Only the fields that parse are taken, the others are absent; failures are those of classify.h.

#include <string_view>

#include <tl/expected.hpp>

#include "scrape/api/http_answer.h"
#include "scrape/api/quota.h"
#include "scrape/api/scan_history.h"
#include "scrape/api/scrape_error.h"

namespace scrape {

struct DecodeContext {
  std::string_view secret;  // the apikey asked with: it appears in no decoded text
  bool nickname = false;    // the user switched the label on
};

[[nodiscard]] tl::expected<KeyInfo, ScrapeError> DecodeInfo(const HttpAnswer& answer,
                                                            const DecodeContext& context);
[[nodiscard]] tl::expected<Consumption, ScrapeError> DecodeLimits(const HttpAnswer& answer,
                                                                  const DecodeContext& context);
[[nodiscard]] tl::expected<Remaining, ScrapeError> DecodeStatus(const HttpAnswer& answer,
                                                                const DecodeContext& context);
// One page; "no entries found" (404002) is a page without entries.
[[nodiscard]] tl::expected<ScanHistoryPage, ScrapeError> DecodeHistory(const HttpAnswer& answer);

}  // namespace scrape
