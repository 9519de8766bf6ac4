#pragma once
// The configuration: which apikeys are asked how often, read once at start. Loading belongs to one
// thread; the result is immutable.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/config/problem.h"
#include "exporter/config/surroundings.h"
#include "scrape/api_key.h"
#include "scrape/scraper.h"

namespace exporter {

struct Config {
  scrape::ScrapeOptions options;  // without user_agent, which is not configured
  std::vector<std::shared_ptr<const scrape::ApiKey>> keys;
  std::vector<std::string> warnings;  // each "file:line:column: ..."
};

struct ConfigFile {
  std::string path;
  bool given = false;  // by the user: then it has to exist
};

// From the file; from MDCLOUD_APIKEY_FILE or MDCLOUD_APIKEY where there is no file. Throws
// ConfigError with every problem.
[[nodiscard]] Config LoadConfig(const ConfigFile& file, const Surroundings& around);

// From the text of the file. Relative paths in it start at the directory of `file`.
[[nodiscard]] Config ParseConfig(std::string_view text, const std::string& file,
                                 const Surroundings& around);

}  // namespace exporter
