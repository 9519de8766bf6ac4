#pragma once
// Listening sockets. Made or taken over by Server::Start, then owned and used by the acceptor
// thread.

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "http/file_descriptor.h"

namespace http {

struct Listener {
  std::vector<FileDescriptor> sockets;  // non-blocking; several when a name has several addresses
  std::string address;                  // of the first one, as the kernel tells it: "host:port"
  std::uint16_t port = 0;               // the same for all of them
  std::string notice;                   // not empty: worth a log line (no IPv6)
};

// Resolves, binds and listens. ":port" and "[::]:port" take IPv6 and IPv4 in one socket, or IPv4
// only where the kernel has no IPv6. The error is one line: "listen on :80: Permission denied".
[[nodiscard]] tl::expected<Listener, std::string> Listen(std::string_view listen_address);

// One that somebody else has made to listen, and perhaps still holds. The error is one line.
[[nodiscard]] tl::expected<Listener, std::string> TakeOver(FileDescriptor socket);

}  // namespace http
