#pragma once
// libmicrohttpd's daemon with its one epoll thread: parses requests, calls the handler, sends the
// answers. Owned by the server. It has no listening socket: the acceptor hands connections to it.
// Add and Resume: acceptor thread, or Stop's when that one has ended.

#include <sys/socket.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "http/connection_table.h"
#include "http/held_requests.h"
#include "http/server.h"

namespace http {

class EventLoop {
 public:
  // Why a held request is let go.
  enum class Outcome { kDue, kClientGone, kStopping };

  EventLoop(Handler handler, std::function<void(std::string_view)> on_problem,
            ConnectionTable& table, HeldRequests& held);
  ~EventLoop();  // as Stop()
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;
  EventLoop(EventLoop&&) = delete;
  EventLoop& operator=(EventLoop&&) = delete;

  // Once, before everything else. The error is libmicrohttpd's own text.
  [[nodiscard]] tl::expected<void, std::string> Start(unsigned max_connections);
  // Takes the socket over, whatever the result; false: it was closed.
  [[nodiscard]] bool Add(int fd, const sockaddr* address, socklen_t size);
  void Resume(const HeldRequest& request, Outcome outcome);
  // Closes every connection. No request may be held any more.
  void Stop();

 private:
  class Daemon;
  std::unique_ptr<Daemon> daemon_;
};

}  // namespace http
