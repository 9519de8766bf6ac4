#pragma once
// The file of --web.config.file: who may read the exporter's pages, and how they are sent. The
// schema is exporter-toolkit's (docs/securing.md). Loading belongs to one thread; the result is
// plain data, and holds a private key.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "exporter/config/problem.h"
#include "exporter/config/surroundings.h"
#include "http/tls.h"

namespace exporter {

struct WebConfig {
  std::optional<http::TlsSettings> tls;        // the files' contents; absent: plain HTTP
  std::map<std::string, std::string> headers;  // for every answer
  std::map<std::string, std::string> users;    // names and bcrypt hashes; none: nobody is asked
  std::vector<std::string> files;              // that it was read from, itself first
  std::vector<std::string> warnings;           // each "file:line:column: ..."
  std::vector<std::string> notices;            // as the warnings, but harmless

  friend bool operator==(const WebConfig&, const WebConfig&) = default;
};

// Reads the file and those that it names, whose relative paths start at its directory. Throws
// ConfigError with every problem.
[[nodiscard]] WebConfig LoadWebConfig(const std::string& path, const Surroundings& around);

// What --web.config.file names; nothing is configured when it is empty.
[[nodiscard]] WebConfig LoadWebConfigIfAny(const std::string& web_config_file,
                                           const Surroundings& around);

}  // namespace exporter
