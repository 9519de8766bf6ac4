#pragma once
// What this binary is: the labels of mdcloud_exporter_build_info. Plain data, any thread.

#include <string>

namespace exporter {

struct BuildInfo {
  std::string version;
  std::string revision;
  std::string compiler;
  std::string os;
  std::string arch;
};

}  // namespace exporter
