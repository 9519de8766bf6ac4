#pragma once
// The file in which what was learnt survives, as the command line names it. Main thread.

#include <memory>
#include <string>

#include <tl/expected.hpp>

#include "exporter/cli/flags.h"
#include "scrape/state/state_file.h"

namespace exporter {

// Null where nothing is to survive. The error is a sentence.
[[nodiscard]] inline tl::expected<std::unique_ptr<scrape::StateFile>, std::string> OpenStorage(
    const CommandLine& line) {
  if (line.storage_path.empty()) return nullptr;
  return scrape::StateFile::Open(line.storage_path, line.config_file.shard.index);
}

}  // namespace exporter
