#pragma once
// The text of a listen address, taken apart. Pure, any thread.

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace http {

struct ListenAddress {
  std::string host;        // a name or an address without brackets; empty: all addresses
  std::uint16_t port = 0;  // 0: the kernel chooses
};

// ":port", "host:port" or "[IPv6]:port". The error is one line that quotes the text and says what
// is allowed. Names are not resolved here.
[[nodiscard]] tl::expected<ListenAddress, std::string> ParseListenAddress(std::string_view text);

// "host:port", with brackets around an IPv6 address.
[[nodiscard]] std::string FormatAddress(std::string_view host, std::uint16_t port);

}  // namespace http
