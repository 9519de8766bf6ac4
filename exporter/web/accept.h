#pragma once
// Reads the headers by which a client says what it would like to get: Accept (RFC 9110, 12.5.1) and
// Accept-Encoding (12.5.3). Pure, any thread.

#include <string_view>

#include "exporter/metrics/exposition.h"

namespace exporter {

// Whether gzip is among the codings the client accepts; a weight of 0 refuses it, "*" stands for
// it.
[[nodiscard]] bool AcceptsGzip(std::string_view accept_encoding);

// The format the client likes best. OpenMetrics when it stands higher than text, or as high and is
// asked for by name; text in all other cases, also when neither is accepted: most clients that
// send such a header show text all the same.
[[nodiscard]] Format PreferredFormat(std::string_view accept);

}  // namespace exporter
