#include "tests/e2e/dns_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <random>
#include <system_error>

#include "tests/e2e/process.h"

namespace test {
namespace {

using namespace std::string_view_literals;

constexpr std::uint16_t kDnsPort = 53;
constexpr std::size_t kHeaderSize = 12;
constexpr std::uint32_t kLoopbackNet = 0x7f000000;

// An address of loopback's many, as the port cannot be chosen. Errors are errno values.
int BindSomewhere(const http::FileDescriptor& socket, std::string& address_text) {
  std::random_device random;
  int error = 0;
  for (int attempt = 0; attempt < 100; ++attempt) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(kDnsPort);
    address.sin_addr.s_addr = htonl(kLoopbackNet | (random() & 0xffffffU) | 0x010000U);
    std::array<char, INET_ADDRSTRLEN> text = {};
    address_text = inet_ntop(AF_INET, &address.sin_addr, text.data(), text.size());
    if (bind(socket.Get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
      return 0;
    }
    error = errno;
    if (error != EADDRINUSE) return error;
  }
  return error;
}

http::FileDescriptor UdpSocket() {
  return http::FileDescriptor(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
}

}  // namespace

std::optional<std::string> DnsServer::Obstacle() {
  std::string address;
  if (BindSomewhere(UdpSocket(), address) != 0) return "port 53 is not for us";
  Process unshare({"unshare", "--mount", "true"});
  if (unshare.Wait() != 0) return "no mount namespace for us";
  return std::nullopt;
}

DnsServer::DnsServer() : socket_(UdpSocket()), stop_(eventfd(0, EFD_CLOEXEC)) {
  std::string address;
  if (const int error = BindSomewhere(socket_, address); error != 0) {
    throw std::system_error(error, std::generic_category(), "bind");
  }
  // A resolver that waits longer than any test.
  resolv_conf_ = dir_.Write("resolv.conf", "nameserver " + address + "\noptions timeout:30\n");
  thread_ = std::thread([this] { Serve(); });
}

DnsServer::~DnsServer() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(stop_.Get(), &one, sizeof one);
  thread_.join();
}

void DnsServer::Set(const std::string& name, Reply reply) {
  const std::lock_guard lock(mutex_);
  replies_[name] = reply;
}

int DnsServer::Questions(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const auto found = questions_.find(name);
  return found == questions_.end() ? 0 : found->second;
}

std::vector<std::string> DnsServer::Launcher() const {
  return {"unshare",   "--mount", "--",
          "sh",        "-c",      R"(mount --bind "$0" /etc/resolv.conf && exec "$@")",
          resolv_conf_};
}

void DnsServer::Serve() {
  while (true) {
    std::array<pollfd, 2> watched = {{{socket_.Get(), POLLIN, 0}, {stop_.Get(), POLLIN, 0}}};
    if (poll(watched.data(), watched.size(), -1) < 0 || watched[1].revents != 0) return;
    std::array<char, 512> buffer = {};
    sockaddr_in client = {};
    socklen_t size = sizeof client;
    auto* const address = reinterpret_cast<sockaddr*>(&client);
    const ssize_t count = recvfrom(socket_.Get(), buffer.data(), buffer.size(), 0, address, &size);
    if (count <= 0) continue;
    const std::string answer = AnswerTo({buffer.data(), static_cast<std::size_t>(count)});
    if (!answer.empty()) sendto(socket_.Get(), answer.data(), answer.size(), 0, address, size);
  }
}

// RFC 1035, section 4: the header, then the question as labels with their lengths, type and class.
std::string DnsServer::AnswerTo(std::string_view question) {
  if (question.size() < kHeaderSize) return "";
  std::string name;
  std::size_t at = kHeaderSize;
  while (at < question.size() && question[at] != '\0') {
    const auto length = static_cast<unsigned char>(question[at]);
    if (!name.empty()) name += '.';
    name += question.substr(at + 1, length);
    at += length + 1U;
  }
  const std::size_t end = at + 5;
  if (end > question.size()) return "";
  const bool asks_for_ipv4 = question.substr(at + 1, 2) == "\0\1"sv;
  Reply reply = Reply::kNoSuchName;
  {
    const std::lock_guard lock(mutex_);
    ++questions_[name];
    const auto found = replies_.find(name);
    if (found != replies_.end()) reply = found->second;
  }
  if (reply == Reply::kNone) return "";
  const bool has_address = reply == Reply::kLoopback && asks_for_ipv4;
  std::string answer(question.substr(0, 2));
  answer += reply == Reply::kNoSuchName ? "\x81\x83"sv : "\x81\x80"sv;  // an answer, or error 3
  answer += "\0\1"sv;
  answer += has_address ? "\0\1"sv : "\0\0"sv;
  answer += "\0\0\0\0"sv;
  answer += question.substr(kHeaderSize, end - kHeaderSize);
  // The name of the question, type A, class IN, valid for 0 s, four bytes.
  if (has_address) answer += "\xc0\x0c\0\1\0\1\0\0\0\0\0\4\x7f\0\0\1"sv;
  return answer;
}

}  // namespace test
