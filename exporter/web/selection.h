#pragma once
// Which part of the metrics a request asks for: "?key=a&key=b&collector=limits". Pure, any thread.

#include <memory>
#include <string_view>

#include <tl/expected.hpp>

#include "exporter/metrics/metrics_input.h"
#include "http/message.h"
#include "scrape/snapshot.h"

namespace exporter {

// Null when it is not configured.
[[nodiscard]] std::shared_ptr<const scrape::KeyState> FindKey(std::string_view key,
                                                              const scrape::Snapshot& known);

// Other parameters are not looked at. The error is the answer to a name that does not exist; it
// does not repeat the name, which may be an apikey.
[[nodiscard]] tl::expected<Selection, http::Response> ReadSelection(std::string_view query,
                                                                    const scrape::Snapshot& known);

}  // namespace exporter
