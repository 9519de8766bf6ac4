#pragma once
// Every key asked one time, for commands that do not serve.

#include <memory>
#include <optional>
#include <ostream>

#include "exporter/cli/flags.h"
#include "exporter/config/config.h"
#include "scrape/snapshot.h"
#include "scrape/state/state_file.h"

namespace exporter {

struct Round {
  Config config;
  std::unique_ptr<scrape::StateFile> storage;  // null: nothing is kept
};
// Reads the configuration and opens the storage; the log begins at `level` unless the configuration
// says otherwise. Absent: something is wrong, which `err` was told, as warnings are.
[[nodiscard]] std::optional<Round> PrepareRound(const CommandLine& line, const Surroundings& around,
                                                scrape::LogLevel level, std::ostream& err);

// Returns when each collector of each key was answered, has failed, or is not to be asked; without
// `client` and `hosts`. `storage` as for Scraper. Keys are missing when the scrape loop broke off,
// which is logged.
[[nodiscard]] scrape::Snapshot AskOnce(const Config& config,
                                       std::unique_ptr<scrape::StateFile> storage);

// All keys are there, and each collector of each was answered well.
[[nodiscard]] bool AllSucceeded(const Config& config, const scrape::Snapshot& snapshot);

}  // namespace exporter
