#include "tests/e2e/fetch.h"

#include <curl/curl.h>

#include <algorithm>
#include <cctype>
#include <memory>

namespace test {
namespace {

std::size_t OnBody(char* data, std::size_t size, std::size_t count, void* body) {
  static_cast<std::string*>(body)->append(data, size * count);
  return size * count;
}

std::size_t OnHeader(char* data, std::size_t size, std::size_t count, void* headers) {
  const std::string line(data, size * count);
  const std::size_t colon = line.find(':');
  if (colon == std::string::npos) return line.size();
  std::string name = line.substr(0, colon);
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const std::size_t begin = line.find_first_not_of(" \t", colon + 1);
  const std::size_t end = line.find_last_not_of("\r\n \t");
  (*static_cast<std::map<std::string, std::string>*>(headers))[name] =
      begin == std::string::npos || end < begin ? "" : line.substr(begin, end - begin + 1);
  return line.size();
}

}  // namespace

Fetched Fetch(const std::string& url, const FetchOptions& options) {
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> easy(curl_easy_init(),
                                                                 &curl_easy_cleanup);
  Fetched fetched;
  curl_slist* headers = nullptr;
  for (const std::string& header : options.headers)
    headers = curl_slist_append(headers, header.c_str());
  curl_easy_setopt(easy.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy.get(), CURLOPT_PROXY, "");
  curl_easy_setopt(easy.get(), CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(easy.get(), CURLOPT_TIMEOUT_MS, 20'000L);
  curl_easy_setopt(easy.get(), CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(easy.get(), CURLOPT_WRITEFUNCTION, &OnBody);
  curl_easy_setopt(easy.get(), CURLOPT_WRITEDATA, &fetched.body);
  curl_easy_setopt(easy.get(), CURLOPT_HEADERFUNCTION, &OnHeader);
  curl_easy_setopt(easy.get(), CURLOPT_HEADERDATA, &fetched.headers);
  if (options.decompress) curl_easy_setopt(easy.get(), CURLOPT_ACCEPT_ENCODING, "gzip");
  if (!options.user.empty()) {
    curl_easy_setopt(easy.get(), CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
    curl_easy_setopt(easy.get(), CURLOPT_USERPWD, options.user.c_str());
  }
  if (!options.ca_file.empty()) {
    curl_easy_setopt(easy.get(), CURLOPT_CAINFO, options.ca_file.c_str());
  }
  if (!options.from.empty()) {
    curl_easy_setopt(easy.get(), CURLOPT_INTERFACE, options.from.c_str());
  }
  if (options.method == "HEAD") {
    curl_easy_setopt(easy.get(), CURLOPT_NOBODY, 1L);
  } else {
    curl_easy_setopt(easy.get(), CURLOPT_CUSTOMREQUEST, options.method.c_str());
  }
  if (curl_easy_perform(easy.get()) == CURLE_OK) {
    long status = 0;
    curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
    fetched.status = static_cast<int>(status);
  }
  curl_easy_getinfo(easy.get(), CURLINFO_TOTAL_TIME, &fetched.seconds);
  curl_slist_free_all(headers);
  return fetched;
}

}  // namespace test
