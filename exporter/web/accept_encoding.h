#pragma once
// Reads an Accept-Encoding header (RFC 9110, 12.5.3). Pure, any thread.

#include <string_view>

namespace exporter {

// Whether gzip is among the codings the client accepts; a weight of 0 refuses it, "*" stands for
// it.
[[nodiscard]] bool AcceptsGzip(std::string_view accept_encoding);

}  // namespace exporter
