#pragma once
// The configuration: which apikeys are asked how often, read at start, with every reload, and in
// part when a file has changed that it names. Loading belongs to one thread at a time; the result
// is immutable.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/config/connection.h"
#include "exporter/config/problem.h"
#include "exporter/config/surroundings.h"
#include "scrape/api_key.h"
#include "scrape/event_log.h"
#include "scrape/scraper.h"
#include "scrape/shard.h"

namespace exporter {

struct Config {
  scrape::Shard shard;
  scrape::ScrapeOptions options;  // without user_agent, which is not configured
  std::vector<std::shared_ptr<const scrape::ApiKey>> keys;
  std::optional<scrape::LogLevel> log_level;        // absent: as --log.level says
  Connections::Made connections;                    // of all keys, by what is configured
  std::map<std::string, std::string> directory_of;  // of the keys that are from a key directory
  std::vector<std::string> warnings;                // each "file:line:column: ..."
  // What is as it was in the configuration in force, because its file cannot be read now; like
  // `warnings`.
  std::vector<std::string> kept;
};

struct ConfigFile {
  std::string path;
  bool given = false;        // by the user: then it has to exist
  scrape::Shard shard = {};  // whose keys are read
};

// The text of a configuration. It may hold apikeys, hence the type.
struct ConfigText {
  bool from_environment = false;  // there is no file: MDCLOUD_APIKEY_FILE or MDCLOUD_APIKEY
  scrape::Secret text;
  friend bool operator==(const ConfigText&, const ConfigText&) = default;
};

// Throws ConfigError when the file is given, or there, and cannot be read.
[[nodiscard]] ConfigText ReadConfigText(const ConfigFile& file, const Surroundings& around);

// Reads everything that the text names. Relative paths in it start at the directory of `file`.
// Without `in_force` every file must be good: throws ConfigError with every problem. With it, which
// was read from the same text, what cannot be read stays as it is there, or away. The
// keys of other shards are checked and left out, and of the budget of rejected requests one share
// is taken.
[[nodiscard]] Config ReadConfig(const ConfigText& text, const ConfigFile& file,
                                const Surroundings& around, const Config* in_force = nullptr);

// Both in one.
[[nodiscard]] Config LoadConfig(const ConfigFile& file, const Surroundings& around);

// From the text of the file, as ReadConfig.
[[nodiscard]] Config ParseConfig(std::string_view text, const std::string& file,
                                 const Surroundings& around, const Config* in_force = nullptr);

}  // namespace exporter
