#pragma once
// The TLS of one connection, from when it is accepted until libmicrohttpd reports its end: keeps
// its credentials alive, and carries and counts its bytes. Event thread only.

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <utility>

#include "http/tls.h"

namespace http {

class TlsConnection {
 public:
  // Null: the connection cannot be served. `moved` grows by the bytes read and written, and must
  // outlive the connection.
  [[nodiscard]] static std::unique_ptr<TlsConnection> Begin(
      gnutls_session_int* session, int fd, std::shared_ptr<const TlsCredentials> credentials,
      std::uint64_t& moved);

 private:
  struct Transport;

  TlsConnection(int fd, std::shared_ptr<const TlsCredentials> credentials, std::uint64_t& moved)
      : fd_(fd), credentials_(std::move(credentials)), moved_(moved) {}

  ssize_t Count(ssize_t bytes) noexcept;

  const int fd_;
  const std::shared_ptr<const TlsCredentials> credentials_;
  std::uint64_t& moved_;
};

}  // namespace http
