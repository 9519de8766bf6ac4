#include "http/listener.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <memory>
#include <system_error>

#include "http/listen_address.h"

namespace http {
namespace {

// Bursts of clients wait here while the acceptor is busy; the kernel caps it at somaxconn.
constexpr int kBacklog = 1024;

using AddressList = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

std::string ErrorText(int error) { return std::generic_category().message(error); }

tl::expected<AddressList, std::string> Resolve(const std::string& host, std::uint16_t port) {
  addrinfo hints = {};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (error == EAI_SYSTEM) return tl::make_unexpected(ErrorText(errno));
  if (error != 0) return tl::make_unexpected(std::string(gai_strerror(error)));
  return AddressList(found, &freeaddrinfo);
}

void SetPort(sockaddr* address, std::uint16_t port) {
  if (address->sa_family == AF_INET6) {
    reinterpret_cast<sockaddr_in6*>(address)->sin6_port = htons(port);
  } else {
    reinterpret_cast<sockaddr_in*>(address)->sin_port = htons(port);
  }
}

// Errors are errno values.
tl::expected<FileDescriptor, int> OpenSocket(const sockaddr* address, socklen_t size,
                                             bool dual_stack) {
  FileDescriptor listener(
      socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP));
  if (!listener.Valid()) return tl::make_unexpected(errno);
  const int on = 1;
  const int ipv6_only = dual_stack ? 0 : 1;
  if (setsockopt(listener.Get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      (address->sa_family == AF_INET6 &&
       setsockopt(listener.Get(), IPPROTO_IPV6, IPV6_V6ONLY, &ipv6_only, sizeof ipv6_only) != 0) ||
      bind(listener.Get(), address, size) != 0 || listen(listener.Get(), kBacklog) != 0) {
    return tl::make_unexpected(errno);
  }
  return listener;
}

// What the kernel bound the socket to.
void ReadBoundAddress(int fd, std::string& host, std::uint16_t& port) {
  sockaddr_storage storage = {};
  socklen_t size = sizeof storage;
  auto* const address = reinterpret_cast<sockaddr*>(&storage);
  if (getsockname(fd, address, &size) != 0) return;
  char text[NI_MAXHOST] = {};
  if (getnameinfo(address, size, text, sizeof text, nullptr, 0, NI_NUMERICHOST) == 0) host = text;
  port = ntohs(address->sa_family == AF_INET6
                   ? reinterpret_cast<const sockaddr_in6*>(address)->sin6_port
                   : reinterpret_cast<const sockaddr_in*>(address)->sin_port);
}

int SocketOption(int fd, int option) {
  int value = 0;
  socklen_t size = sizeof value;
  return getsockopt(fd, SOL_SOCKET, option, &value, &size) == 0 ? value : -1;
}

bool ListensForTcp(int fd) {
  const int family = SocketOption(fd, SO_DOMAIN);
  return (family == AF_INET || family == AF_INET6) &&
         SocketOption(fd, SO_PROTOCOL) == IPPROTO_TCP && SocketOption(fd, SO_ACCEPTCONN) == 1;
}

bool KernelHasNoIpv6(int error) {
  return error == EAFNOSUPPORT || error == EADDRNOTAVAIL || error == EPROTONOSUPPORT;
}

tl::expected<FileDescriptor, int> OpenWildcard(std::uint16_t port, std::string& notice) {
  sockaddr_in6 any6 = {};
  any6.sin6_family = AF_INET6;
  any6.sin6_port = htons(port);
  auto socket6 = OpenSocket(reinterpret_cast<const sockaddr*>(&any6), sizeof any6, true);
  if (socket6 || !KernelHasNoIpv6(socket6.error())) return socket6;
  notice = fmt::format("no IPv6 here ({}): listening on IPv4 only", ErrorText(socket6.error()));
  sockaddr_in any4 = {};
  any4.sin_family = AF_INET;
  any4.sin_port = htons(port);
  return OpenSocket(reinterpret_cast<const sockaddr*>(&any4), sizeof any4, false);
}

// All addresses of the name that exist here, on one port. An address that does not (a name of both
// kinds on a host without IPv6) is skipped as long as another one does.
tl::expected<void, std::string> OpenNamed(const ListenAddress& wanted, Listener& listener) {
  const auto resolved = Resolve(wanted.host, wanted.port);
  if (!resolved) return tl::make_unexpected(resolved.error());
  int skipped_error = 0;
  std::uint16_t port = wanted.port;
  for (addrinfo* entry = resolved->get(); entry != nullptr; entry = entry->ai_next) {
    SetPort(entry->ai_addr, port);
    auto opened = OpenSocket(entry->ai_addr, entry->ai_addrlen, false);
    if (!opened && KernelHasNoIpv6(opened.error())) {
      skipped_error = opened.error();
      continue;
    }
    if (!opened) return tl::make_unexpected(ErrorText(opened.error()));
    std::string host;
    ReadBoundAddress(opened->Get(), host, port);
    listener.sockets.push_back(std::move(*opened));
  }
  if (listener.sockets.empty()) return tl::make_unexpected(ErrorText(skipped_error));
  return {};
}

}  // namespace

tl::expected<Listener, std::string> Listen(std::string_view listen_address) {
  const auto wanted = ParseListenAddress(listen_address);
  if (!wanted) return tl::make_unexpected(wanted.error());
  const auto fail = [listen_address](std::string_view cause) {
    return tl::make_unexpected(fmt::format("listen on {}: {}", listen_address, cause));
  };
  Listener listener;
  if (wanted->host.empty() || wanted->host == "::") {
    auto opened = OpenWildcard(wanted->port, listener.notice);
    if (!opened) return fail(ErrorText(opened.error()));
    listener.sockets.push_back(std::move(*opened));
  } else {
    const auto opened = OpenNamed(*wanted, listener);
    if (!opened) return fail(opened.error());
  }
  std::string host;
  ReadBoundAddress(listener.sockets.front().Get(), host, listener.port);
  listener.address = FormatAddress(host, listener.port);
  return listener;
}

tl::expected<Listener, std::string> TakeOver(FileDescriptor socket) {
  const int fd = socket.Get();
  if (!ListensForTcp(fd)) {
    return tl::make_unexpected(
        fmt::format("file descriptor {} is not a socket that listens for TCP", fd));
  }
  if (fcntl(fd, F_SETFL, O_NONBLOCK) != 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) {
    return tl::make_unexpected(fmt::format("file descriptor {}: {}", fd, ErrorText(errno)));
  }
  Listener listener;
  std::string host;
  ReadBoundAddress(fd, host, listener.port);
  listener.address = FormatAddress(host, listener.port);
  listener.sockets.push_back(std::move(socket));
  return listener;
}

}  // namespace http
