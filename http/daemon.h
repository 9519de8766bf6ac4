#pragma once
// libmicrohttpd behind RAII: parses requests, calls the handler, sends the answers. Owned by the
// server and driven by the event loop, whose thread alone calls it after Start (but ReplaceTls). It
// has neither a thread nor a listening socket: handed to libmicrohttpd's own thread by
// MHD_add_connection, a new connection now and then waits for somebody else's next event (0.9.75),
// and at its limit libmicrohttpd stops accepting.

#include <sys/socket.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "http/answer_queue.h"
#include "http/connection_table.h"
#include "http/held_requests.h"
#include "http/server.h"

struct MHD_Daemon;

namespace http {

struct StartLog;

class Daemon {
 public:
  // Why a held request is let go.
  enum class Outcome { kDue, kClientGone, kStopping };

  Daemon(Handler handler, std::shared_ptr<const TlsCredentials> tls,
         std::function<void(std::string_view)> on_problem, ConnectionTable& table,
         HeldRequests& held, std::shared_ptr<AnswerQueue> answers);
  ~Daemon();  // as Stop()
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;
  Daemon(Daemon&&) = delete;
  Daemon& operator=(Daemon&&) = delete;

  // Once, before everything else. The error is libmicrohttpd's own text.
  [[nodiscard]] tl::expected<void, std::string> Start();
  // As Server::ReplaceTls.
  void ReplaceTls(std::shared_ptr<const TlsCredentials> credentials);
  // Takes the socket over, whatever comes of it.
  void Add(int fd, const sockaddr* address, socklen_t size);
  // The answer to a request that is still held, if it is, is due after its delay.
  void Deliver(AnswerQueue::Entry answer, TimePoint now);
  void Resume(const HeldRequest& request, Outcome outcome);
  // Readable when Run has something to do.
  [[nodiscard]] int Descriptor() const { return descriptor_; }
  // Run has something to do by then although the descriptor is silent.
  [[nodiscard]] std::optional<std::chrono::milliseconds> Timeout() const;
  // Does what can be done without waiting.
  void Run();
  [[nodiscard]] bool UsesTls() const { return uses_tls_; }
  // Read and written so far, by TLS only.
  [[nodiscard]] std::uint64_t TlsBytes() const { return tls_bytes_; }
  // Closes every connection. No request may be held any more.
  void Stop();

 private:
  struct Callbacks;
  friend struct Callbacks;

  [[nodiscard]] std::shared_ptr<const TlsCredentials> Tls() const;

  const Handler handler_;
  const bool uses_tls_;
  mutable std::mutex tls_mutex_;
  std::shared_ptr<const TlsCredentials> tls_;  // for the next connection; null: plain HTTP
  std::uint64_t tls_bytes_ = 0;
  const std::function<void(std::string_view)> on_problem_;
  ConnectionTable& table_;
  HeldRequests& held_;
  const std::shared_ptr<AnswerQueue> answers_;
  const std::unique_ptr<StartLog> start_log_;
  MHD_Daemon* daemon_ = nullptr;
  int descriptor_ = -1;
};

}  // namespace http
