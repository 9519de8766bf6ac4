#pragma once
// An exposition as an HTTP answer. Pure, any thread.

#include <memory>
#include <string>

#include "exporter/metrics/exposition_cache.h"
#include "http/message.h"

namespace exporter {

// What the client would like to get.
[[nodiscard]] Variant PreferredVariant(const http::Request& request);

[[nodiscard]] http::Response ExpositionAnswer(Variant variant,
                                              std::shared_ptr<const std::string> body);

}  // namespace exporter
