#pragma once
// A Status as a table for people at a terminal, worst keys first. No line is wider than asked for:
// where the columns of a quota do not fit, they move to lines of their own. Pure, any thread.

#include <cstddef>
#include <string>

#include "exporter/status/status.h"

namespace exporter {

struct TableStyle {
  std::size_t width = 80;  // at least 20 are used
  bool colour = false;     // ANSI colours; they say nothing that words do not say, too
  bool unicode = false;    // bars of block characters; else the table is ASCII
};

[[nodiscard]] std::string StatusTable(const Status& status, const TableStyle& style);

// The last line of it: how many keys there are, and how they are.
[[nodiscard]] std::string SummaryLine(const Status& status);

}  // namespace exporter
