#include "http/tls_connection.h"

#include <gnutls/gnutls.h>
#include <sys/socket.h>

#include <utility>

namespace http {

// What GnuTLS calls; errno tells it why it failed.
struct TlsConnection::Transport {
  static ssize_t Pull(gnutls_transport_ptr_t cls, void* bytes, std::size_t size) noexcept {
    auto& self = *static_cast<TlsConnection*>(cls);
    return self.Count(recv(self.fd_, bytes, size, 0));
  }
  // All of a flight at once: written piece by piece it would wait for the client's
  // acknowledgements.
  static ssize_t Push(gnutls_transport_ptr_t cls, const giovec_t* pieces, int count) noexcept {
    auto& self = *static_cast<TlsConnection*>(cls);
    msghdr message = {};
    message.msg_iov = const_cast<giovec_t*>(pieces);  // only read; the interface predates const
    message.msg_iovlen = static_cast<std::size_t>(count);
    return self.Count(sendmsg(self.fd_, &message, MSG_NOSIGNAL));
  }
};

std::unique_ptr<TlsConnection> TlsConnection::Begin(
    gnutls_session_t session, int fd, std::shared_ptr<const TlsCredentials> credentials,
    std::uint64_t& moved) {
  if (credentials == nullptr || !credentials->Apply(session)) return nullptr;
  std::unique_ptr<TlsConnection> connection(new TlsConnection(fd, std::move(credentials), moved));
  gnutls_transport_set_ptr(session, connection.get());
  gnutls_transport_set_pull_function(session, &Transport::Pull);
  gnutls_transport_set_vec_push_function(session, &Transport::Push);
  return connection;
}

ssize_t TlsConnection::Count(ssize_t bytes) noexcept {
  if (bytes > 0) moved_ += static_cast<std::uint64_t>(bytes);
  return bytes;
}

}  // namespace http
