#pragma once
// nghttpx of Debian's nghttp2-proxy: HTTP/2 over TLS in front of a simulated service, which itself
// speaks HTTP/1.1 only. One thread.

#include <cstdint>
#include <string>
#include <vector>

#include "http/server.h"
#include "tests/e2e/loopback_daemon.h"
#include "tests/temp_dir.h"

namespace test {

// A line of its access log: a request that was answered, or given up.
struct ProxiedRequest {
  std::string protocol;  // as negotiated: "h2", "http/1.1"
  int client_port = 0;   // tells connections apart
  int status = 0;
  std::string apikey;              // "-": none
  std::string client_certificate;  // its subject; "-": none
};

class Nghttpx {
 public:
  Nghttpx(const http::TlsSettings& identity, std::uint16_t backend_port,
          std::vector<std::string> options = {});
  ~Nghttpx() = default;
  Nghttpx(const Nghttpx&) = delete;
  Nghttpx& operator=(const Nghttpx&) = delete;
  Nghttpx(Nghttpx&&) = delete;
  Nghttpx& operator=(Nghttpx&&) = delete;

  [[nodiscard]] std::uint16_t Port() const { return daemon_.Port(); }
  [[nodiscard]] std::string BaseUrl() const;  // "https://127.0.0.1:PORT/v4"
  [[nodiscard]] std::vector<ProxiedRequest> Requests() const;
  // A new worker takes over the port; the old one says GOAWAY, finishes and goes.
  void Reload() const;
  // Gone at once, with every connection; Start listens on the same port again.
  void Kill() { daemon_.Kill(); }
  void Start() { daemon_.Start(); }

 private:
  [[nodiscard]] std::vector<std::string> Command(std::uint16_t port) const;

  TempDir dir_;
  std::string certificate_;
  std::string private_key_;
  std::string access_log_;
  const std::uint16_t backend_port_;
  const std::vector<std::string> options_;
  LoopbackDaemon daemon_;  // the last: its command needs all of the others
};

}  // namespace test
