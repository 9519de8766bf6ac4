#include "exporter/web/exposition_answer.h"

#include <utility>

#include "exporter/web/accept.h"

namespace exporter {

Variant PreferredVariant(const http::Request& request) {
  const bool gzip = AcceptsGzip(request.Header("Accept-Encoding").value_or(""));
  return {.encoding = gzip ? Encoding::kGzip : Encoding::kIdentity,
          .format = PreferredFormat(request.Header("Accept").value_or(""))};
}

http::Response ExpositionAnswer(Variant variant, std::shared_ptr<const std::string> body) {
  http::Response response;
  response.headers = {{"Content-Type", std::string(ContentTypeOf(variant.format))},
                      {"Vary", "Accept, Accept-Encoding"}};
  if (variant.encoding == Encoding::kGzip) {
    response.headers.emplace_back("Content-Encoding", "gzip");
  }
  response.body = std::move(body);
  return response;
}

}  // namespace exporter
