#include "tests/raw_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <charconv>
#include <string>

namespace {

constexpr timeval kTimeout = {10, 0};

template <typename T>
std::size_t Number(std::string_view text, std::string_view before, T fallback) {
  const std::size_t found = text.find(before);
  if (found == std::string_view::npos) return fallback;
  std::size_t number = 0;
  const std::string_view digits = text.substr(found + before.size());
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

}  // namespace

RawClient::RawClient(std::uint16_t port, const char* address) {
  sockaddr_in6 v6 = {};
  sockaddr_in v4 = {};
  v6.sin6_family = AF_INET6;
  v4.sin_family = AF_INET;
  v6.sin6_port = v4.sin_port = htons(port);
  const bool is_v4 = inet_pton(AF_INET, address, &v4.sin_addr) == 1;
  if (!is_v4) inet_pton(AF_INET6, address, &v6.sin6_addr);
  socket_ = http::FileDescriptor(socket(is_v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  setsockopt(Fd(), SOL_SOCKET, SO_RCVTIMEO, &kTimeout, sizeof kTimeout);
  setsockopt(Fd(), SOL_SOCKET, SO_SNDTIMEO, &kTimeout, sizeof kTimeout);
  connected_ = connect(Fd(),
                       is_v4 ? reinterpret_cast<const sockaddr*>(&v4)
                             : reinterpret_cast<const sockaddr*>(&v6),
                       is_v4 ? sizeof v4 : sizeof v6) == 0;
}

bool RawClient::Send(std::string_view bytes) {
  return send(Fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
}

bool RawClient::ReceiveMore() {
  char bytes[65536];
  const ssize_t count = recv(Fd(), bytes, sizeof bytes, 0);
  if (count > 0) buffer_.append(bytes, static_cast<std::size_t>(count));
  return count > 0;
}

std::string RawClient::Receive(bool head) {
  std::size_t end = buffer_.find("\r\n\r\n");
  while (end == std::string::npos && ReceiveMore()) end = buffer_.find("\r\n\r\n");
  if (end == std::string::npos) return std::exchange(buffer_, {});
  const std::size_t body =
      head ? 0 : Number(std::string_view(buffer_).substr(0, end), "Content-Length: ", 0U);
  const std::size_t size = end + 4 + body;
  while (buffer_.size() < size && ReceiveMore()) {
  }
  std::string answer = buffer_.substr(0, size);
  buffer_.erase(0, size);
  return answer;
}

std::string RawClient::ReceiveAll() {
  while (ReceiveMore()) {
  }
  return std::exchange(buffer_, {});
}

bool RawClient::IsClosed() {
  char byte = 0;
  const ssize_t count = recv(Fd(), &byte, 1, 0);
  return count == 0 || (count < 0 && errno == ECONNRESET);
}

std::string Get(std::uint16_t port, std::string_view path) {
  RawClient client(port);
  client.Send("GET " + std::string(path) + " HTTP/1.1\r\nHost: test\r\n\r\n");
  return client.Receive();
}

int StatusOf(std::string_view answer) { return static_cast<int>(Number(answer, "HTTP/1.1 ", 0U)); }

std::string_view BodyOf(std::string_view answer) {
  const std::size_t end = answer.find("\r\n\r\n");
  return end == std::string_view::npos ? std::string_view() : answer.substr(end + 4);
}
