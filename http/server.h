#pragma once
// An HTTP/1.1 server on libmicrohttpd: one event thread for all listeners' connections, IPv4 and
// IPv6. Owns its threads and sockets. Start, Stop and the destructor belong to one controlling
// thread; the handler runs on the server's thread and must not block.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "http/message.h"

namespace http {

using Handler = std::function<Response(const Request&)>;

struct ServerOptions {
  // ":port" (all addresses, IPv6 and IPv4), "host:port", "[::1]:port"; port 0 lets the kernel
  // choose.
  std::vector<std::string> listen_addresses;
  unsigned max_connections = 512;  // at the limit the oldest incomplete request is closed
  std::chrono::milliseconds request_timeout{
      10'000};  // a request must arrive as a whole within this
  // Lines worth a log entry (the server itself logs nothing); called on the server's thread. May be
  // empty.
  std::function<void(std::string_view)> on_problem;
};

class Server {
 public:
  // Listens on every address, or on none: the error is one line that names the address and the
  // cause.
  [[nodiscard]] static tl::expected<std::unique_ptr<Server>, std::string> Start(
      ServerOptions options, Handler handler);
  ~Server();  // as Stop()
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  Server(Server&&) = delete;
  Server& operator=(Server&&) = delete;

  // The addresses really listened on, "host:port" with the kernel's port, in the order of the
  // options.
  [[nodiscard]] const std::vector<std::string>& addresses() const;
  [[nodiscard]] const std::vector<std::uint16_t>& ports() const;

  // Stops accepting, answers held-back requests with 503, closes everything. Returns within a
  // second. Idempotent.
  void Stop();

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace http
