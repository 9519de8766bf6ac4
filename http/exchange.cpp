#include "http/exchange.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

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

std::string ClientOf(MHD_Connection* connection) {
  const MHD_ConnectionInfo* const info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
  if (info == nullptr || info->client_addr == nullptr) return {};
  std::array<char, INET6_ADDRSTRLEN> text = {};
  const auto* const ipv4 = reinterpret_cast<const sockaddr_in*>(info->client_addr);
  if (ipv4->sin_family == AF_INET) {
    return inet_ntop(AF_INET, &ipv4->sin_addr, text.data(), text.size());
  }
  if (ipv4->sin_family != AF_INET6) return {};
  in6_addr address = reinterpret_cast<const sockaddr_in6*>(info->client_addr)->sin6_addr;
  if (IN6_IS_ADDR_V4MAPPED(&address)) {
    return inet_ntop(AF_INET, &address.s6_addr[12], text.data(), text.size());
  }
  std::fill(address.s6_addr + 8, address.s6_addr + sizeof address.s6_addr, std::uint8_t{0});
  return inet_ntop(AF_INET6, &address, text.data(), text.size());
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

bool Exchange::HasDoubtfulEnd(MHD_Connection* connection) {
  struct Told {
    int times = 0;
    bool understood = true;
  };
  Told told;
  const auto look = [](void* cls, MHD_ValueKind /*kind*/, const char* name, const char* value) {
    auto& so_far = *static_cast<Told*>(cls);
    const bool coding = SameHeaderName(name, MHD_HTTP_HEADER_TRANSFER_ENCODING);
    if (!coding && !SameHeaderName(name, MHD_HTTP_HEADER_CONTENT_LENGTH)) return MHD_YES;
    ++so_far.times;
    // libmicrohttpd sees no end of any other, white space behind it included.
    if (coding && (value == nullptr || !SameHeaderName(value, "chunked"))) {
      so_far.understood = false;
    }
    return MHD_YES;
  };
  MHD_get_connection_values(connection, MHD_HEADER_KIND, look, &told);
  return told.times > 1 || !told.understood;
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
  request.client = ClientOf(connection);
  return request;
}

}  // namespace http
