#pragma once
// A request as a handler sees it, and the answer it gives. Plain values, any thread.

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace http {

// Whether two names of headers are one, which their case does not tell.
[[nodiscard]] bool SameHeaderName(std::string_view a, std::string_view b);

struct Request {
  std::string method;  // as sent: "GET", "HEAD", ...
  std::string path;    // as sent, without the query; not percent-decoded, always begins with '/'
  std::string query;   // as sent, without the '?'; empty when there is none
  std::vector<std::pair<std::string, std::string>> headers;
  // Whom the connection comes from, as far as its address tells: an IPv4 address, or the network of
  // an IPv6 one (its first 64 bits), since its owner has as many as he likes.
  std::string client = {};

  // The first header of this name, whatever its case.
  [[nodiscard]] std::optional<std::string_view> Header(std::string_view name) const;
};

struct Response {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  // Sent without being copied; null is an empty body. HEAD requests get the headers only.
  std::shared_ptr<const std::string> body;
  // The answer is held back so long without a thread waiting for it.
  std::chrono::milliseconds delay{0};
  // How the connection ends. What is not kWhole cuts it on purpose, for a peer that has to cope
  // with it: kNoAnswer without a byte, kHalfBody after the headers and half of the body they
  // announce (an empty body: as kNoAnswer).
  enum class Ending { kWhole, kNoAnswer, kHalfBody };
  Ending ending = Ending::kWhole;
};

}  // namespace http
