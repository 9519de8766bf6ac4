#include "exporter/config/url.h"

namespace exporter {

std::optional<Url> Url::Parse(const std::string& text) {
  std::optional<Url> url(std::in_place);
  const CURLUcode code =
      curl_url_set(url->url_.get(), CURLUPART_URL, text.c_str(), CURLU_NON_SUPPORT_SCHEME);
  if (code != CURLUE_OK) return std::nullopt;
  return url;
}

std::string Url::Part(CURLUPart part) const {
  struct TextDeleter {
    void operator()(char* text) const { curl_free(text); }
  };
  char* raw = nullptr;
  if (curl_url_get(url_.get(), part, &raw, 0) != CURLUE_OK) return "";
  const std::unique_ptr<char, TextDeleter> text(raw);
  return text.get();
}

bool Url::SetHost(const std::string& host) {
  return curl_url_set(url_.get(), CURLUPART_HOST, host.c_str(), 0) == CURLUE_OK;
}

}  // namespace exporter
