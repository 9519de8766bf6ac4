#include "http/server.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <utility>

#include "http/answer_queue.h"
#include "http/connection_table.h"
#include "http/daemon.h"
#include "http/event_loop.h"
#include "http/held_requests.h"
#include "http/listener.h"

namespace http {
namespace {

using std::chrono::milliseconds;

using Problems = std::function<void(std::string_view)>;

// Deadlines are noticed late by a quarter at most, and by one second at most.
milliseconds CheckInterval(const ServerOptions& options) {
  const auto shortest =
      std::min({options.request_timeout, options.answer_timeout, options.idle_timeout});
  return std::clamp(shortest / 4, milliseconds(5), milliseconds(1000));
}

}  // namespace

class Server::Impl {
 public:
  Impl(const ServerOptions& options, const Problems& on_problem, Handler handler,
       std::vector<Listener> listeners)
      : table_({options.max_connections, options.request_timeout, options.answer_timeout,
                options.idle_timeout, options.answer_bytes}),
        answers_(std::make_shared<AnswerQueue>()),
        daemon_(std::move(handler), options.tls, on_problem, table_, held_, answers_),
        loop_(TakeSockets(listeners), CheckInterval(options), on_problem, table_, held_, *answers_,
              daemon_) {
    for (const Listener& listener : listeners) {
      addresses_.push_back(listener.address);
      ports_.push_back(listener.port);
    }
  }

  tl::expected<void, std::string> Start() {
    auto started = daemon_.Start();
    if (started) loop_.Start();
    return started;
  }

  void ReplaceTls(std::shared_ptr<const TlsCredentials> credentials) {
    daemon_.ReplaceTls(std::move(credentials));
  }
  void Stop() { loop_.Stop(); }

  const std::vector<std::string>& Addresses() const { return addresses_; }
  const std::vector<std::uint16_t>& Ports() const { return ports_; }

 private:
  static std::vector<FileDescriptor> TakeSockets(std::vector<Listener>& listeners) {
    std::vector<FileDescriptor> sockets;
    for (Listener& listener : listeners) {
      std::move(listener.sockets.begin(), listener.sockets.end(), std::back_inserter(sockets));
    }
    return sockets;
  }

  std::vector<std::string> addresses_;
  std::vector<std::uint16_t> ports_;
  ConnectionTable table_;
  HeldRequests held_;
  const std::shared_ptr<AnswerQueue> answers_;
  Daemon daemon_;
  EventLoop loop_;
};

tl::expected<std::unique_ptr<Server>, std::string> Server::Start(ServerOptions options,
                                                                 Handler handler) {
  const Problems on_problem =
      options.on_problem ? std::move(options.on_problem) : [](std::string_view /*line*/) {};
  std::vector<Listener> listeners;
  for (const std::string& address : options.listen_addresses) {
    auto listener = Listen(address);
    if (!listener) return tl::make_unexpected(listener.error());
    if (!listener->notice.empty()) {
      on_problem(fmt::format("listen on {}: {}", address, listener->notice));
    }
    listeners.push_back(std::move(*listener));
  }
  for (FileDescriptor& socket : options.sockets) {
    auto listener = TakeOver(std::move(socket));
    if (!listener) return tl::make_unexpected(listener.error());
    listeners.push_back(std::move(*listener));
  }
  try {
    auto impl =
        std::make_unique<Impl>(options, on_problem, std::move(handler), std::move(listeners));
    const auto started = impl->Start();
    if (!started) return tl::make_unexpected("HTTP server: " + started.error());
    return std::unique_ptr<Server>(new Server(std::move(impl)));
  } catch (const std::exception& error) {
    return tl::make_unexpected(fmt::format("HTTP server: {}", error.what()));
  }
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() = default;

const std::vector<std::string>& Server::Addresses() const { return impl_->Addresses(); }
const std::vector<std::uint16_t>& Server::Ports() const { return impl_->Ports(); }
void Server::ReplaceTls(std::shared_ptr<const TlsCredentials> credentials) {
  impl_->ReplaceTls(std::move(credentials));
}
void Server::Stop() { impl_->Stop(); }

}  // namespace http
