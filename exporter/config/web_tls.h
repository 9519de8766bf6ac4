#pragma once
// The section tls_server_config of --web.config.file. Called by the thread that loads it.

#include <optional>
#include <string>
#include <vector>

#include "exporter/config/problem.h"
#include "exporter/config/surroundings.h"
#include "exporter/config/values.h"
#include "exporter/config/web_options.h"
#include "exporter/config/yaml_reader.h"
#include "http/tls.h"

namespace exporter {

// A map of options with those refused by name that cannot be had here.
[[nodiscard]] MapReader ReadWebSection(const YamlNode& node, WebSection section,
                                       ProblemList& problems);

// Absent after problems. Adds the files it has read to `files`.
[[nodiscard]] std::optional<http::TlsSettings> ReadTlsServerConfig(const YamlNode& node,
                                                                   const std::string& config_file,
                                                                   const Surroundings& around,
                                                                   ProblemList& problems,
                                                                   std::vector<std::string>& files);

}  // namespace exporter
