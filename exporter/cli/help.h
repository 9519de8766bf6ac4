#pragma once
// The text of --help, within 80 columns. Pure, any thread.

#include <string>

namespace exporter {

[[nodiscard]] std::string HelpText();

}  // namespace exporter
