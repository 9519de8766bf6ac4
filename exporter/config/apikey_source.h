#pragma once
// Where an apikey comes from: a file, an environment variable, or the text itself. What was read on
// the way is overwritten. Called by the thread that loads the configuration.

#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "exporter/config/surroundings.h"
#include "scrape/secret.h"

namespace exporter {

// The apikey, or what is wrong in words that fit behind "a file that" or "the apikey"; they hold
// neither the value nor the path or variable, since either may be an apikey at the wrong place.
inline constexpr std::string_view kUnreadable = "cannot be read: ";
using ApiKeyResult = tl::expected<scrape::Secret, std::string>;

// Without one trailing line end; 1 to 512 printable ASCII characters, no spaces, not in quotation
// marks.
[[nodiscard]] ApiKeyResult ApiKeyFromText(std::string_view text);
// The error begins with kUnreadable when it is not the content's fault.
[[nodiscard]] ApiKeyResult ApiKeyFromFile(const std::string& path, const Surroundings& around);
[[nodiscard]] ApiKeyResult ApiKeyFromVariable(const std::string& name, const Surroundings& around);

}  // namespace exporter
