#include "exporter/config/external_url.h"

#include <algorithm>

#include "exporter/config/url.h"

namespace exporter {

std::optional<ExternalUrl> ParseExternalUrl(const std::string& text) {
  constexpr std::size_t kMaxLength = 1024;
  const bool printable = std::ranges::all_of(
      text, [](char c) { return c > ' ' && c <= '~' && c != '"' && c != '\\'; });
  if (text.size() > kMaxLength || !printable) return std::nullopt;
  if (text.find_first_of("?#@") != std::string::npos) return std::nullopt;
  const std::optional<Url> url = Url::Parse(text);
  if (!url) return std::nullopt;
  ExternalUrl external{.scheme = url->Part(CURLUPART_SCHEME),
                       .host = url->Part(CURLUPART_HOST),
                       .path = url->Part(CURLUPART_PATH)};
  if (external.host.empty()) return std::nullopt;
  if (external.scheme != "http" && external.scheme != "https") return std::nullopt;
  if (const std::string port = url->Part(CURLUPART_PORT); !port.empty()) {
    external.host += ':' + port;
  }
  while (external.path.ends_with('/')) external.path.pop_back();
  return external;
}

}  // namespace exporter
