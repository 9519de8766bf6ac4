#pragma once
// How a key reaches the service, as configured: reads http_version, the proxy and tls_config of
// `global`, of a key or of a key directory. What the level above says is overridden option by
// option; a certificate and its key, and a proxy and what belongs to it, go together. Pure, plain
// values.

#include <compare>
#include <string>
#include <string_view>

#include "exporter/config/problem.h"
#include "exporter/config/values.h"
#include "scrape/connection.h"

namespace exporter {

// Paths; empty: none.
struct ConnectionFiles {
  std::string ca_file;
  std::string cert_file;
  std::string key_file;
  std::string proxy_credentials_file;

  // clang-tidy 14 takes the default for a null pointer.
  // NOLINTNEXTLINE(modernize-use-nullptr)
  friend auto operator<=>(const ConnectionFiles&, const ConnectionFiles&) = default;
};

struct ConnectionOptions {
  scrape::HttpVersion http_version = scrape::HttpVersion::kAuto;
  std::string proxy_url;
  bool proxy_from_environment = false;
  std::string server_name;
  bool insecure_skip_verify = false;
  ConnectionFiles files;

  // clang-tidy 14 takes the default for a null pointer.
  // NOLINTNEXTLINE(modernize-use-nullptr)
  friend auto operator<=>(const ConnectionOptions&, const ConnectionOptions&) = default;
};

// Where the files of ConnectionOptions are named.
struct ConnectionPlaces {
  Position ca_file;
  Position cert_file;
  Position key_file;
  Position proxy_credentials_file;

  // By the name of the option.
  [[nodiscard]] Position Of(std::string_view option) const;
};

// Reads the options of one level over `options`. `tls`: the section of its tls_config.
void ReadConnectionOptions(const MapReader& reader, Section tls, const std::string& config_file,
                           ProblemList& problems, ConnectionOptions& options,
                           ConnectionPlaces& places);

}  // namespace exporter
