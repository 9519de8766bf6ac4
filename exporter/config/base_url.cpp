#include "exporter/config/base_url.h"

#include <arpa/inet.h>

#include <cstddef>
#include <optional>
#include <string_view>

#include "exporter/config/url.h"

namespace exporter {
namespace {

constexpr std::size_t kMaxLength = 1024;

bool IsLoopback(const std::string& host) {
  in_addr address{};
  if (inet_pton(AF_INET, host.c_str(), &address) == 1) return ntohl(address.s_addr) >> 24 == 127;
  return host == "localhost" || host == "[::1]";
}

tl::unexpected<std::string> Wrong(std::string_view why) { return tl::unexpected(std::string(why)); }

}  // namespace

tl::expected<std::string, std::string> NormalizeBaseUrl(const std::string& text) {
  constexpr std::string_view kNotUrl =
      "must be a URL such as https://api.metadefender.com/v4, without spaces";
  if (text.size() > kMaxLength) return Wrong("must have at most 1024 characters");
  if (text.find_first_of("?#") != std::string::npos) {
    return Wrong("must have no query and no fragment ('?' and '#')");
  }
  for (const char c : text) {
    if (c <= ' ' || c > '~') return Wrong(kNotUrl);
  }
  std::optional<Url> url = Url::Parse(text);
  if (!url) return Wrong(kNotUrl);
  const std::string scheme = url->Part(CURLUPART_SCHEME);
  if (scheme != "https" && scheme != "http") return Wrong("must begin with https://");
  const std::string host = url->Part(CURLUPART_HOST);
  if (host.empty()) return Wrong(kNotUrl);
  if (text.find('@') != std::string::npos) return Wrong("must have no user name and no password");
  const std::string port = url->Part(CURLUPART_PORT);
  if (!port.empty() && port.find_first_not_of('0') == std::string::npos) {
    return Wrong("must have a port from 1 to 65535");
  }
  if (scheme == "http" && !IsLoopback(host)) {
    return Wrong(
        "must begin with https://; http:// is for loopback hosts only "
        "(127.0.0.0/8, [::1], localhost)");
  }
  // One host, one budget of rejected requests: it is written in one way only.
  std::string lower = host;
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  if (lower.size() > 1 && lower.ends_with('.')) lower.pop_back();
  if (!url->SetHost(lower)) return Wrong(kNotUrl);
  std::string normalized = url->Part(CURLUPART_URL);
  while (normalized.ends_with('/')) normalized.pop_back();
  return normalized;
}

}  // namespace exporter
