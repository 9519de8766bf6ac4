#include "tests/e2e/alert_sink.h"

#include <netinet/in.h>
#include <poll.h>
#include <rapidjson/document.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <charconv>
#include <optional>
#include <stdexcept>

namespace test {
namespace {

constexpr int kLookForTheEndMs = 50;
constexpr timeval kReceiveTimeout{10, 0};

std::map<std::string, std::string> Texts(const rapidjson::Value& object) {
  std::map<std::string, std::string> texts;
  for (const auto& member : object.GetObject()) {
    texts.emplace(member.name.GetString(), member.value.GetString());
  }
  return texts;
}

// Absent while the request is not complete. Alertmanager always sends Content-Length, in this case.
std::optional<std::string_view> BodyOf(std::string_view request) {
  const std::size_t headers = request.find("\r\n\r\n");
  if (headers == std::string_view::npos) return std::nullopt;
  constexpr std::string_view kLength = "Content-Length: ";
  const std::size_t at = request.find(kLength);
  if (at > headers) return std::nullopt;
  std::size_t length = 0;
  std::from_chars(request.data() + at + kLength.size(), request.data() + headers, length);
  const std::string_view body = request.substr(headers + 4);
  if (body.size() < length) return std::nullopt;
  return body.substr(0, length);
}

}  // namespace

AlertSink::AlertSink() : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener_.Get(), generic, size) != 0 || listen(listener_.Get(), 16) != 0 ||
      getsockname(listener_.Get(), generic, &size) != 0) {
    throw std::runtime_error("the sink cannot listen");
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { Serve(); });
}

AlertSink::~AlertSink() {
  stopping_ = true;
  thread_.join();
}

std::string AlertSink::Url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/"; }

std::vector<Notification> AlertSink::Notifications() const {
  const std::lock_guard lock(mutex_);
  return notifications_;
}

void AlertSink::Serve() {
  while (!stopping_) {
    pollfd event{listener_.Get(), POLLIN, 0};
    if (poll(&event, 1, kLookForTheEndMs) != 1) continue;
    const http::FileDescriptor connection(accept4(listener_.Get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (connection.Valid()) Answer(connection.Get());
  }
}

// One request, after which the connection ends.
void AlertSink::Answer(int connection) {
  setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &kReceiveTimeout, sizeof kReceiveTimeout);
  std::string request;
  std::array<char, 4096> buffer{};
  while (!BodyOf(request)) {
    const ssize_t count = recv(connection, buffer.data(), buffer.size(), 0);
    if (count <= 0) return;
    request.append(buffer.data(), static_cast<std::size_t>(count));
  }
  Keep(*BodyOf(request));
  constexpr std::string_view kAnswer =
      "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
  send(connection, kAnswer.data(), kAnswer.size(), MSG_NOSIGNAL);
}

void AlertSink::Keep(std::string_view body) {
  rapidjson::Document document;
  document.Parse(body.data(), body.size());
  if (document.HasParseError() || !document.IsObject()) return;
  const std::lock_guard lock(mutex_);
  for (const rapidjson::Value& alert : document["alerts"].GetArray()) {
    notifications_.push_back({document["receiver"].GetString(), alert["status"].GetString(),
                              Texts(alert["labels"]), Texts(alert["annotations"])});
  }
}

}  // namespace test
