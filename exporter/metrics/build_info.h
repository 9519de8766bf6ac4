#pragma once
// What this binary is: the labels of mdcloud_exporter_build_info, --version and the User-Agent.
// Plain data, any thread.

#include <string>

namespace exporter {

struct BuildInfo {
  std::string version;
  std::string revision;  // "unknown" when it was not built from a git checkout
  std::string compiler;
  std::string os;
  std::string arch;
};

// Of the binary this is compiled into.
[[nodiscard]] BuildInfo ThisBuild();

// "mdcloud_exporter, version 1.2.3 (revision: abc, compiler: GCC 12.2.0, platform: linux/amd64)"
[[nodiscard]] std::string VersionLine();

// "mdcloud_exporter/1.2.3"
[[nodiscard]] std::string UserAgent();

}  // namespace exporter
