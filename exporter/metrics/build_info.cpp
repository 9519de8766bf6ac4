#include "exporter/metrics/build_info.h"

#include <fmt/format.h>

namespace exporter {
namespace {

// The names that Go programs, and so most exporters, use.
#if defined(__x86_64__)
constexpr const char* kArch = "amd64";
#elif defined(__aarch64__)
constexpr const char* kArch = "arm64";
#else
constexpr const char* kArch = "other";
#endif

#if defined(__clang__)
constexpr const char* kCompiler = "clang " __clang_version__;
#else
constexpr const char* kCompiler = "GCC " __VERSION__;
#endif

}  // namespace

BuildInfo ThisBuild() {
  return {MDCLOUD_VERSION_TEXT, MDCLOUD_REVISION_TEXT, kCompiler, "linux", kArch};
}

std::string VersionLine() {
  const BuildInfo build = ThisBuild();
  return fmt::format("mdcloud_exporter, version {} (revision: {}, compiler: {}, platform: {}/{})",
                     build.version, build.revision, build.compiler, build.os, build.arch);
}

std::string UserAgent() { return fmt::format("mdcloud_exporter/{}", MDCLOUD_VERSION_TEXT); }

}  // namespace exporter
