#pragma once
// The configuration of one key without a file: MDCLOUD_APIKEY_FILE or MDCLOUD_APIKEY, and
// MDCLOUD_BASE_URL. Called by the thread that loads the configuration.

#include <string>

#include "exporter/config/config.h"

namespace exporter {

inline constexpr const char* kKeyVariable = "MDCLOUD_APIKEY";
inline constexpr const char* kKeyFileVariable = "MDCLOUD_APIKEY_FILE";
inline constexpr const char* kBaseUrlVariable = "MDCLOUD_BASE_URL";

// `file`: the configuration that is not there, for messages. `in_force` as for ReadConfig.
[[nodiscard]] Config ConfigFromEnvironment(const std::string& file, const Surroundings& around,
                                           const Config* in_force);

}  // namespace exporter
