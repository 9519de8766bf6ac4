#include "http/exchange.h"

#include <microhttpd.h>

#include <charconv>

namespace http {
namespace {

// Nothing that is served takes a body.
constexpr std::size_t kMaxRequestBody = 65536;

// From "/path?query", or from "http://host/path?query", which a server has to take as well. False:
// of neither form.
bool SplitTarget(std::string_view target, Request& request) {
  const std::size_t scheme_end = target.find("://");
  if (!target.starts_with('/') && scheme_end != std::string_view::npos) {
    const std::size_t path = target.find_first_of("/?", scheme_end + 3);
    target = path == std::string_view::npos ? "/" : target.substr(path);
    if (target.starts_with('?')) request.path = "/";
  }
  const std::size_t question_mark = target.find('?');
  request.path += target.substr(0, question_mark);
  if (question_mark != std::string_view::npos) request.query = target.substr(question_mark + 1);
  return request.path.starts_with('/');
}

// libmicrohttpd leaves the white space behind a value.
std::string_view Trimmed(std::string_view value) {
  const std::size_t last = value.find_last_not_of(" \t");
  return last == std::string_view::npos ? std::string_view() : value.substr(0, last + 1);
}

MHD_Result AddHeader(void* cls, MHD_ValueKind /*kind*/, const char* name, std::size_t name_size,
                     const char* value, std::size_t value_size) noexcept {
  try {
    static_cast<Request*>(cls)->headers.emplace_back(
        std::string(name, name_size),
        value == nullptr ? std::string() : std::string(Trimmed({value, value_size})));
    return MHD_YES;
  } catch (...) {
    return MHD_NO;
  }
}

}  // namespace

bool Exchange::AnnouncesTooMuch(MHD_Connection* connection) {
  const char* const length =
      MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);
  if (length == nullptr) return false;
  const std::string_view text = length;
  std::size_t bytes = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), bytes);
  return parsed.ec != std::errc() || bytes > kMaxRequestBody;
}

bool Exchange::AddBody(std::size_t bytes) {
  body_bytes_ += bytes;
  return body_bytes_ <= kMaxRequestBody;
}

std::optional<Request> Exchange::Read(MHD_Connection* connection, const char* method,
                                      const char* version) const {
  // libmicrohttpd ends the target where the version begins and hands both on as C strings: a NUL in
  // the target would make another path of it.
  if (version != version_at_) return std::nullopt;
  Request request;
  request.method = method;
  if (!SplitTarget(target_, request)) return std::nullopt;
  MHD_get_connection_values_n(connection, MHD_HEADER_KIND, &AddHeader, &request);
  return request;
}

}  // namespace http
