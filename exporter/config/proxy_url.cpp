#include "exporter/config/proxy_url.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

#include "exporter/config/url.h"

namespace exporter {
namespace {

constexpr std::size_t kMaxLength = 1024;
constexpr std::array<std::string_view, 4> kSchemes = {"http", "https", "socks5", "socks5h"};

tl::unexpected<std::string> Wrong(std::string_view why) { return tl::unexpected(std::string(why)); }

}  // namespace

tl::expected<std::string, std::string> NormalizeProxyUrl(const std::string& text) {
  constexpr std::string_view kNotUrl =
      "must be the URL of a proxy such as http://proxy.example.com:3128, without spaces";
  if (text.empty()) return text;
  if (text.size() > kMaxLength) return Wrong("must have at most 1024 characters");
  if (!std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; })) return Wrong(kNotUrl);
  const std::string scheme = text.substr(0, text.find("://"));
  if (scheme.size() == text.size()) return Wrong(kNotUrl);
  if (std::ranges::find(kSchemes, scheme) == kSchemes.end()) {
    return Wrong("must begin with http://, https://, socks5:// or socks5h://");
  }
  if (text.find('@') != std::string::npos) {
    return Wrong("must have no user name and no password; proxy_credentials_file is for them");
  }
  const std::optional<Url> url = Url::Parse(text);
  if (!url) return Wrong(kNotUrl);
  const std::string host = url->Part(CURLUPART_HOST);
  if (host.empty()) return Wrong(kNotUrl);
  const std::string port = url->Part(CURLUPART_PORT);
  if (port.find_first_not_of('0') == std::string::npos) {
    return Wrong("must have a port from 1 to 65535");  // libcurl's own would be 1080
  }
  const std::string path = url->Part(CURLUPART_PATH);
  if (path.size() > 1 || text.find_first_of("?#") != std::string::npos) {
    return Wrong("must end after the port");
  }
  return scheme + "://" + host + ":" + port;
}

}  // namespace exporter
