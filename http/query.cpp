#include "http/query.h"

#include <algorithm>

#include <microhttpd.h>

namespace http {
namespace {

std::string Decoded(std::string_view text) {
  std::string decoded(text);
  std::replace(decoded.begin(), decoded.end(), '+', ' ');
  decoded.resize(MHD_http_unescape(decoded.data()));
  return decoded;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> ReadQuery(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> parameters;
  while (!query.empty()) {
    const std::size_t end = query.find('&');
    const std::string_view parameter = query.substr(0, end);
    query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
    if (parameter.empty()) continue;
    const std::size_t equals = std::min(parameter.find('='), parameter.size());
    parameters.emplace_back(Decoded(parameter.substr(0, equals)),
                            Decoded(parameter.substr(std::min(equals + 1, parameter.size()))));
  }
  return parameters;
}

}  // namespace http
