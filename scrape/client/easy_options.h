#pragma once
// Options of libcurl's easy handles. Scrape thread. Includes libcurl: for scrape/client/*.cpp
// alone.

#include <curl/curl.h>

#include <stdexcept>
#include <string>

#include "scrape/connection.h"

namespace scrape {

// Throws when libcurl does not know the option: then the build is wrong.
template <typename T>
void SetOption(CURL* easy, CURLoption option, T value) {
  const CURLcode code = curl_easy_setopt(easy, option, value);
  if (code != CURLE_OK) {
    throw std::runtime_error("libcurl refuses option " + std::to_string(option) + ": " +
                             curl_easy_strerror(code));
  }
}

// Everything that `connection`, which must outlive the handle, decides on a new handle.
void SetConnectionOptions(CURL* easy, const Connection& connection);

}  // namespace scrape
