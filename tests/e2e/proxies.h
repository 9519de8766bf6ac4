#pragma once
// Proxies of Debian on loopback that want a user and a password: tinyproxy (HTTP), tinyproxy behind
// nghttpx (HTTP over TLS), microsocks (SOCKS 5). One thread.

#include <cstddef>
#include <string>

#include "tests/e2e/loopback_daemon.h"
#include "tests/e2e/nghttpx.h"
#include "tests/temp_dir.h"

namespace test {

inline constexpr const char* kProxyUser = "somebody";
inline constexpr const char* kProxyPassword = "proxy-password-SENTINEL";

class Tinyproxy {
 public:
  // Without `login` it lets everybody through.
  explicit Tinyproxy(bool login = true);

  [[nodiscard]] std::uint16_t Port() const { return daemon_.Port(); }
  [[nodiscard]] std::string Url() const;
  // Tunnels that were asked for, whether granted or not.
  [[nodiscard]] std::size_t Asked() const;

 private:
  TempDir dir_;
  LoopbackDaemon daemon_;
};

class Microsocks {
 public:
  Microsocks();
  [[nodiscard]] std::uint16_t Port() const { return daemon_.Port(); }

 private:
  LoopbackDaemon daemon_;
};

}  // namespace test
