#pragma once
// Every key asked one time, for commands that do not serve.

#include <memory>

#include "exporter/config/config.h"
#include "scrape/snapshot.h"
#include "scrape/state/state_file.h"

namespace exporter {

// Returns when each collector of each key was answered, has failed, or is not to be asked; without
// `client` and `hosts`. `storage` as for Scraper. Keys are missing when the scrape loop broke off,
// which is logged.
[[nodiscard]] scrape::Snapshot AskOnce(const Config& config,
                                       std::unique_ptr<scrape::StateFile> storage);

// All keys are there, and each collector of each was answered well.
[[nodiscard]] bool AllSucceeded(const Config& config, const scrape::Snapshot& snapshot);

}  // namespace exporter
