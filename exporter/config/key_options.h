#pragma once
// The options of a key: the defaults from `global`, and what an entry of `keys` or of
// `key_directories` overrides. Pure but for the CA file, which is looked into. Plain values.

#include <string>

#include "exporter/config/problem.h"
#include "exporter/config/surroundings.h"
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
  milliseconds scrape_timeout{};
  std::optional<milliseconds> max_staleness;
  scrape::WindowLength quota_window;
  std::string ca_file;
  bool nickname_label = false;
};

// What applies where the configuration is silent.
[[nodiscard]] KeyOptions DefaultKeyOptions();

// A path of the configuration, relative to the directory of its file.
[[nodiscard]] std::string ResolvePath(const std::string& config_file, const std::string& path);

// Reads `global` over the defaults in `keys` and `scrape`.
void ReadGlobal(const YamlNode& node, const std::string& config_file, const Surroundings& around,
                ProblemList& problems, KeyOptions& keys, scrape::ScrapeOptions& scrape);

// Reads labels, base_url, collectors, scrape_interval and quota_window of one entry over `options`.
void ReadOverrides(const MapReader& reader, ProblemList& problems, KeyOptions& options);

[[nodiscard]] scrape::ApiKey MakeApiKey(std::string name, scrape::Secret secret,
                                        const KeyOptions& options);

}  // namespace exporter
