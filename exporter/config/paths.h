#pragma once
// Paths of the configuration. Pure, any thread.

#include <string>

namespace exporter {

// A path of the configuration, relative to the directory of its file.
[[nodiscard]] std::string ResolvePath(const std::string& config_file, const std::string& path);

}  // namespace exporter
