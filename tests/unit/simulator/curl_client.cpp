#include "curl_client.h"

#include <curl/curl.h>

#include <algorithm>
#include <memory>
#include <string_view>

namespace {

std::size_t AddBody(char* bytes, std::size_t size, std::size_t count, void* answer) {
  static_cast<CurlAnswer*>(answer)->body.append(bytes, size * count);
  return size * count;
}

std::size_t AddHeader(char* bytes, std::size_t size, std::size_t count, void* answer) {
  const std::string_view line(bytes, size * count);
  const std::size_t colon = line.find(": ");
  if (colon != std::string_view::npos) {
    std::string name(line.substr(0, colon));
    std::transform(name.begin(), name.end(), name.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    const std::string_view value = line.substr(colon + 2);
    static_cast<CurlAnswer*>(answer)->headers[name] =
        value.substr(0, value.find_last_not_of("\r\n") + 1);
  }
  return size * count;
}

}  // namespace

CurlAnswer Ask(const std::string& url, const std::string& apikey,
               std::chrono::milliseconds timeout) {
  CurlAnswer answer;
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> easy(curl_easy_init(),
                                                                 &curl_easy_cleanup);
  curl_slist* headers = nullptr;
  if (!apikey.empty()) headers = curl_slist_append(headers, ("apikey: " + apikey).c_str());
  curl_easy_setopt(easy.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy.get(), CURLOPT_PROXY, "");
  curl_easy_setopt(easy.get(), CURLOPT_USERAGENT, "unit-test/1");
  curl_easy_setopt(easy.get(), CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(easy.get(), CURLOPT_TIMEOUT_MS, timeout.count());
  curl_easy_setopt(easy.get(), CURLOPT_WRITEFUNCTION, &AddBody);
  curl_easy_setopt(easy.get(), CURLOPT_WRITEDATA, &answer);
  curl_easy_setopt(easy.get(), CURLOPT_HEADERFUNCTION, &AddHeader);
  curl_easy_setopt(easy.get(), CURLOPT_HEADERDATA, &answer);
  answer.error = curl_easy_perform(easy.get());
  curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &answer.status);
  curl_slist_free_all(headers);
  return answer;
}
