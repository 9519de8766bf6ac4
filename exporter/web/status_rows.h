#pragma once
// The rows of the status page's table. Pure, any thread.

#include "exporter/status/status.h"
#include "exporter/web/html.h"

namespace exporter {

// What a severity is called, and shown beside its colour.
[[nodiscard]] std::string_view LabelOf(Severity severity);

// One group of rows: the key, what is the matter with it, its quotas, how it was asked.
void PutKeyRows(const KeyStatus& key, scrape::SystemTime now, Html& out);

}  // namespace exporter
