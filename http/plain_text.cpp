#include "http/plain_text.h"

#include <memory>
#include <utility>

namespace http {

Response PlainText(int status, std::string text) {
  Response response;
  response.status = status;
  response.headers = {{"Content-Type", "text/plain; charset=utf-8"}};
  response.body = std::make_shared<const std::string>(std::move(text));
  return response;
}

Response Busy() {
  Response response = PlainText(503, "Too many requests are waiting\n");
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

}  // namespace http
