#pragma once
// A URL taken apart by libcurl's own parser, so that it means here what it means there. One thread
// at a time.

#include <curl/curl.h>

#include <memory>
#include <optional>
#include <string>

namespace exporter {

class Url {
 public:
  // Absent when the text is no URL. Any scheme, also such as have no host.
  [[nodiscard]] static std::optional<Url> Parse(const std::string& text);

  // Empty when the URL has no such part.
  [[nodiscard]] std::string Part(CURLUPart part) const;
  [[nodiscard]] bool SetHost(const std::string& host);

 private:
  struct Deleter {
    void operator()(CURLU* url) const { curl_url_cleanup(url); }
  };
  std::unique_ptr<CURLU, Deleter> url_{curl_url()};
};

}  // namespace exporter
