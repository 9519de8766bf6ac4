#pragma once
// An HTTP/1.1 server on libmicrohttpd, plain or over TLS: one event thread for all listeners and
// their connections, IPv4 and IPv6. Owns its thread and sockets. Start, Stop and the destructor
// belong to one controlling thread; the handler runs on the event thread and must not block. An
// exception of the handler becomes a 500.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "http/file_descriptor.h"
#include "http/reply.h"
#include "http/tls.h"

namespace http {

struct ServerOptions {
  // ":port" (all addresses, IPv6 and IPv4), "host:port", "[::1]:port"; port 0 lets the kernel
  // choose.
  std::vector<std::string> listen_addresses;
  std::vector<FileDescriptor> sockets;        // that listen already: served like those above
  std::shared_ptr<const TlsCredentials> tls;  // null: plain HTTP
  // At the limit the oldest incomplete request is closed, then the connection that is idle for the
  // longest time, then an answer that is not taken.
  unsigned max_connections = 512;
  // A request must arrive as a whole within this. Bodies are thrown away, and refused above 64 KiB.
  std::chrono::milliseconds request_timeout{10'000};
  std::chrono::milliseconds answer_timeout{60'000};  // an answer must be taken within this
  std::chrono::milliseconds idle_timeout{75'000};    // of a connection without a request
  // Beyond it the answers that are not taken for the longest time are given up: slow readers of
  // big bodies, each another one, would use up the memory.
  std::size_t answer_bytes = std::size_t{128} * 1024 * 1024;
  // Lines worth a log entry (the server itself logs nothing); called on the server's threads, one
  // at a time, and by Start. May be empty; must not throw.
  std::function<void(std::string_view)> on_problem;
};

class Server {
 public:
  // Listens on every address and socket, or on none: the error is one line that names the address
  // and the cause.
  [[nodiscard]] static tl::expected<std::unique_ptr<Server>, std::string> Start(
      ServerOptions options, Handler handler);
  ~Server();  // as Stop()
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  Server(Server&&) = delete;
  Server& operator=(Server&&) = delete;

  // The addresses really listened on, "host:port" with the kernel's port, in the order of the
  // options, those of the sockets last.
  [[nodiscard]] const std::vector<std::string>& Addresses() const;
  [[nodiscard]] const std::vector<std::uint16_t>& Ports() const;

  // Connections accepted from here on use these; those that are open keep theirs. Any thread.
  // Without effect where there was no TLS at the start, or is to be none.
  void ReplaceTls(std::shared_ptr<const TlsCredentials> credentials);

  // Stops accepting, answers held-back and suspended requests with 503, closes everything. Returns
  // within a second. Idempotent.
  void Stop();

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace http
