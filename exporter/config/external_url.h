#pragma once
// The URL under which others reach this exporter (--web.external-url). Pure, any thread.

#include <optional>
#include <string>

namespace exporter {

struct ExternalUrl {
  std::string scheme;  // http or https
  std::string host;    // with the port when it is not the scheme's own
  std::string path;    // that stands before the exporter's own paths; without a slash at its end
};

inline constexpr const char* kExternalUrlRule =
    "a URL such as https://exporter.example.com:10580, without user, query and fragment";

// Absent when it does not follow the rule above.
[[nodiscard]] std::optional<ExternalUrl> ParseExternalUrl(const std::string& text);

}  // namespace exporter
