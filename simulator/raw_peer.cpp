#include "simulator/raw_peer.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace simulator {
namespace {

using Kind = PeerStep::Kind;

// As poll knows it.
constexpr std::chrono::milliseconds kForever{-1};
constexpr std::string_view kHeadersEnd = "\r\n\r\n";

[[noreturn]] void Fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

bool SendAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

// False: the client has gone. What it sends meanwhile is not looked at.
bool Wait(int fd, std::chrono::milliseconds pause) {
  pollfd watched = {fd, POLLRDHUP, 0};
  return poll(&watched, 1, static_cast<int>(pause.count())) == 0;
}

// The connection that is closed next ends with RST.
void ResetOnClose(int fd) {
  const linger at_once = {1, 0};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

}  // namespace

std::vector<std::pair<std::string, PeerScript>> NamedPeerScripts() {
  const PeerStep read = {.kind = Kind::kReadRequest};
  const PeerStep stall = {.kind = Kind::kStall};
  const PeerStep reset = {.kind = Kind::kReset};
  const auto send = [](std::string bytes, std::size_t times = 1) {
    return PeerStep{.kind = Kind::kSend, .bytes = std::move(bytes), .times = times};
  };
  const auto drip = [](std::string bytes, std::size_t times) {
    return PeerStep{.kind = Kind::kDrip, .bytes = std::move(bytes), .times = times};
  };
  const std::string json = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
  const std::string of_1000 = json + "Content-Length: 1000\r\n\r\n";
  const std::string chunked = json + "Transfer-Encoding: chunked\r\n\r\n";
  const std::string begin = fmt::format(R"({{"reputation_api":0,"{}":")", kBodyMarker);
  return {{"reset_on_accept", {reset}},
          {"reset_after_request", {read, reset}},
          {"reset_in_status_line", {read, send("HTTP/1.1 2"), reset}},
          {"reset_in_headers", {read, send(json), reset}},
          {"reset_in_body", {read, send(of_1000 + begin), reset}},
          {"close_on_accept", {}},
          {"close_after_request", {read}},
          {"close_in_headers", {read, send(json)}},
          {"close_in_body", {read, send(of_1000 + begin)}},
          {"close_in_chunk", {read, send(chunked + "ffff\r\n" + begin)}},
          {"stall_on_accept", {stall}},
          {"stall_in_headers", {read, send(json), stall}},
          {"stall_after_headers", {read, send(of_1000), stall}},
          {"stall_in_body", {read, send(of_1000 + begin), stall}},
          {"drip_headers", {read, send(json), drip("X-Padding: x\r\n", 1000)}},
          {"drip_body", {read, send(of_1000 + begin), drip("x", 900)}},
          {"endless_body",
           {read, send(chunked + "400\r\n" + begin + std::string(1024 - begin.size(), 'x')),
            send("\r\n400\r\n" + std::string(1024, 'x'), 1U << 16U)}},
          {"endless_headers",
           {read, send(json), send("X-Padding: " + std::string(1024, 'x') + "\r\n", 1U << 16U)}},
          {"endless_header_line",
           {read, send(json + "X-Padding: "), send(std::string(1024, 'x'), 1U << 16U)}},
          {"not_http", {read, send(fmt::format("220 {} ready\r\n", kBodyMarker))}},
          {"bad_chunk", {read, send(chunked + "words\r\n" + begin)}},
          {"bad_gzip",
           {read, send(json +
                       fmt::format("Content-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
                                   kBodyMarker.size()) +
                       std::string(kBodyMarker))}}};
}

RawPeer::RawPeer(PeerScript script)
    : script_(std::move(script)), listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (!listener_.Valid() || bind(listener_.Get(), generic, size) != 0 ||
      listen(listener_.Get(), SOMAXCONN) != 0 ||
      getsockname(listener_.Get(), generic, &size) != 0) {
    Fail("listen");
  }
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { Accept(); });
}

RawPeer::~RawPeer() {
  shutdown(listener_.Get(), SHUT_RDWR);
  acceptor_.join();
  {
    const std::lock_guard lock(mutex_);
    for (const Connection& connection : connections_) {
      if (connection.socket.Valid()) shutdown(connection.socket.Get(), SHUT_RDWR);
    }
  }
  for (Connection& connection : connections_) connection.thread.join();
}

std::string RawPeer::BaseUrl() const { return fmt::format("http://127.0.0.1:{}/v4", port_); }

std::vector<std::string> RawPeer::Requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

std::size_t RawPeer::Connections() const {
  const std::lock_guard lock(mutex_);
  return connections_.size();
}

void RawPeer::Accept() {
  while (true) {
    const int fd = accept4(listener_.Get(), nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    const std::lock_guard lock(mutex_);
    Connection& connection = connections_.emplace_back();
    connection.socket = http::FileDescriptor(fd);
    connection.thread = std::thread([this, &connection] { Serve(connection); });
  }
}

void RawPeer::Serve(Connection& connection) {
  int fd = -1;
  {
    const std::lock_guard lock(mutex_);
    fd = connection.socket.Get();
  }
  for (const PeerStep& step : script_) {
    if (!Take(step, fd)) break;
  }
  const std::lock_guard lock(mutex_);
  const http::FileDescriptor closed = std::move(connection.socket);
}

bool RawPeer::Take(const PeerStep& step, int fd) {
  switch (step.kind) {
    case Kind::kReadRequest:
      return ReadRequest(fd);
    case Kind::kSend:
      for (std::size_t i = 0; i < step.times; ++i) {
        if (!SendAll(fd, step.bytes)) return false;
      }
      return true;
    case Kind::kDrip:
      for (std::size_t i = 0; i < step.times; ++i) {
        for (const char& byte : step.bytes) {
          if (!SendAll(fd, {&byte, 1}) || !Wait(fd, step.pause)) return false;
        }
      }
      return true;
    case Kind::kStall:
      return Wait(fd, kForever);
    case Kind::kReset:
      ResetOnClose(fd);
      return true;
  }
  return false;
}

bool RawPeer::ReadRequest(int fd) {
  std::string head;
  std::array<char, 4096> buffer = {};
  while (head.find(kHeadersEnd) == std::string::npos) {
    const ssize_t count = recv(fd, buffer.data(), buffer.size(), 0);
    if (count <= 0) return false;
    head.append(buffer.data(), static_cast<std::size_t>(count));
  }
  const std::lock_guard lock(mutex_);
  requests_.push_back(std::move(head));
  return true;
}

}  // namespace simulator
