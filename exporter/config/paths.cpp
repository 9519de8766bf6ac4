#include "exporter/config/paths.h"

#include <filesystem>

namespace exporter {

std::string ResolvePath(const std::string& config_file, const std::string& path) {
  return std::filesystem::path(config_file).parent_path() / path;
}

}  // namespace exporter
