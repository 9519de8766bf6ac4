#include "exporter/config/proxy_url.h"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <string_view>

namespace exporter {
namespace {

constexpr std::size_t kMaxLength = 1024;
constexpr std::array<std::string_view, 4> kSchemes = {"http", "https", "socks5", "socks5h"};

struct UrlDeleter {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
struct TextDeleter {
  void operator()(char* text) const { curl_free(text); }
};

// Empty when the URL has no such part.
std::string Part(CURLU* url, CURLUPart part) {
  char* raw = nullptr;
  if (curl_url_get(url, part, &raw, 0) != CURLUE_OK) return "";
  const std::unique_ptr<char, TextDeleter> text(raw);
  return text.get();
}

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
  const std::unique_ptr<CURLU, UrlDeleter> url(curl_url());
  if (curl_url_set(url.get(), CURLUPART_URL, text.c_str(), CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK) {
    return Wrong(kNotUrl);
  }
  const std::string host = Part(url.get(), CURLUPART_HOST);
  if (host.empty()) return Wrong(kNotUrl);
  const std::string port = Part(url.get(), CURLUPART_PORT);
  if (port.find_first_not_of('0') == std::string::npos) {
    return Wrong("must have a port from 1 to 65535");  // libcurl's own would be 1080
  }
  const std::string path = Part(url.get(), CURLUPART_PATH);
  if (path.size() > 1 || text.find_first_of("?#") != std::string::npos) {
    return Wrong("must end after the port");
  }
  return scheme + "://" + host + ":" + port;
}

}  // namespace exporter
