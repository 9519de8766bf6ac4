#include "scrape/connection.h"

#include <algorithm>
#include <cstddef>

namespace scrape {
namespace {

template <typename T>
bool SameValue(const std::shared_ptr<const T>& a, const std::shared_ptr<const T>& b) {
  return a == b || (a != nullptr && b != nullptr && *a == *b);
}

}  // namespace

bool operator==(const Connection& a, const Connection& b) {
  return a.http_version == b.http_version && a.proxy_url == b.proxy_url &&
         SameValue(a.proxy_credentials, b.proxy_credentials) &&
         a.proxy_from_environment == b.proxy_from_environment && a.ca_file == b.ca_file &&
         SameValue(a.authorities, b.authorities) && a.server_name == b.server_name &&
         a.insecure_skip_verify == b.insecure_skip_verify && SameValue(a.identity, b.identity);
}

const std::shared_ptr<const Connection>& DefaultConnection() {
  static const auto connection = std::make_shared<const Connection>();
  return connection;
}

Route RouteTo(const std::string& url, const std::string& server_name) {
  const std::size_t host = url.find("://") + 3;
  const std::size_t path = std::min(url.find('/', host), url.size());
  const std::string authority = url.substr(host, path - host);
  // A colon within brackets is an IPv6 address'.
  const std::size_t colon =
      authority.find(':', authority.starts_with('[') ? authority.find(']') : 0);
  const std::string port = colon == std::string::npos ? "" : authority.substr(colon);
  const std::string usual_port = url.starts_with("https:") ? ":443" : ":80";
  return {.url = url.substr(0, host) + server_name + port + url.substr(path),
          .connect_to = "::" + authority.substr(0, colon) + (port.empty() ? usual_port : port)};
}

}  // namespace scrape
