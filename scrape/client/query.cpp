#include "scrape/client/query.h"

#include <curl/curl.h>

#include <memory>
#include <new>
#include <string_view>

namespace scrape {
namespace {

void AppendEncoded(std::string_view text, std::string& url) {
  if (text.empty()) return;  // libcurl would ask for its length
  const std::unique_ptr<char, decltype(&curl_free)> encoded(
      curl_easy_escape(nullptr, text.data(), static_cast<int>(text.size())), &curl_free);
  if (encoded == nullptr) throw std::bad_alloc();
  url += encoded.get();
}

}  // namespace

std::string WithQuery(std::string url,
                      const std::vector<std::pair<std::string, std::string>>& query) {
  char separator = '?';
  for (const auto& [name, value] : query) {
    url += separator;
    AppendEncoded(name, url);
    url += '=';
    AppendEncoded(value, url);
    separator = '&';
  }
  return url;
}

}  // namespace scrape
