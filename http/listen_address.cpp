#include "http/listen_address.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace http {
namespace {

constexpr std::size_t kMaxHostLength = 253;  // of a DNS name

// Quoted as it stands, but for control characters and for what is too long to be read.
std::string Quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text.substr(0, kMaxHostLength)) {
    quoted += c >= ' ' && c <= '~' ? c : '?';
  }
  return quoted + "\"";
}

bool IsHostCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_';
}

// An address literal, perhaps with a zone ("fe80::1%eth0").
bool IsIpv6(std::string_view text) {
  const std::size_t percent = text.find('%');
  if (percent != std::string_view::npos && percent + 1 == text.size()) return false;
  const std::string address(text.substr(0, percent));
  in6_addr parsed = {};
  return inet_pton(AF_INET6, address.c_str(), &parsed) == 1;
}

bool ParsePort(std::string_view text, std::uint16_t& port) {
  const char* const end = text.data() + text.size();
  const auto [parsed_end, error] = std::from_chars(text.data(), end, port);
  return error == std::errc() && parsed_end == end;
}

}  // namespace

tl::expected<ListenAddress, std::string> ParseListenAddress(std::string_view text) {
  const auto fail = [text](std::string_view problem) {
    return tl::make_unexpected(
        fmt::format("listen address {}: {}; allowed are :port, host:port and [IPv6 address]:port",
                    Quoted(text), problem));
  };
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return fail("the port is missing");
  std::string_view host = text.substr(0, colon);
  ListenAddress address;
  if (!ParsePort(text.substr(colon + 1), address.port)) {
    return fail("the port is not a number from 0 to 65535");
  }
  if (host.starts_with('[')) {
    if (!host.ends_with(']')) return fail("the bracket is not closed before the port");
    host = host.substr(1, host.size() - 2);
    if (!IsIpv6(host)) return fail("what is in brackets is not an IPv6 address");
  } else if (host.find(':') != std::string_view::npos) {
    return fail("an IPv6 address needs brackets");
  } else if (!std::all_of(host.begin(), host.end(), IsHostCharacter) ||
             host.size() > kMaxHostLength) {
    return fail("the host is neither a name nor an address");
  }
  address.host = host;
  return address;
}

std::string FormatAddress(std::string_view host, std::uint16_t port) {
  const bool ipv6 = host.find(':') != std::string_view::npos;
  return ipv6 ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

}  // namespace http
