#pragma once
// The options of a key: the defaults from `global`, and what an entry of `keys` or of
// `key_directories` overrides. Pure, plain values.

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "exporter/config/connection_options.h"
#include "exporter/config/problem.h"
#include "exporter/config/values.h"
#include "scrape/api_key.h"
#include "scrape/scraper.h"

namespace exporter {

// All of a scrape::ApiKey but its name and secret.
struct KeyOptions {
  std::map<std::string, std::string> labels;
  std::string base_url;
  scrape::CollectorSet collectors{};
  milliseconds scrape_interval{};
  milliseconds info_interval{};
  milliseconds history_interval{};
  scrape::HistoryBounds history;
  milliseconds scrape_timeout{};
  std::optional<milliseconds> max_staleness;
  scrape::WindowLength quota_window;
  bool nickname_label = false;
  ConnectionOptions connection;
  ConnectionPlaces places;
};

// What applies where the configuration is silent.
[[nodiscard]] KeyOptions DefaultKeyOptions();

// Reads `global` over the defaults in `keys` and `scrape`.
void ReadGlobal(const YamlNode& node, const std::string& config_file, ProblemList& problems,
                KeyOptions& keys, scrape::ScrapeOptions& scrape);

// Reads `history`, which is the same for all keys, over the defaults in `bounds`.
void ReadHistory(const YamlNode& node, ProblemList& problems, scrape::HistoryBounds& bounds);

// Reads what an entry of `section`, keys or key_directories, has in common with `global` and its
// labels, over `options`.
void ReadOverrides(const MapReader& reader, Section section, const std::string& config_file,
                   ProblemList& problems, KeyOptions& options);

[[nodiscard]] scrape::ApiKey MakeApiKey(std::string name, scrape::Secret secret,
                                        const KeyOptions& options,
                                        std::shared_ptr<const scrape::Connection> connection);

}  // namespace exporter
