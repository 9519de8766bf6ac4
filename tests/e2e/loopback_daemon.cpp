#include "tests/e2e/loopback_daemon.h"

#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>

#include <stdexcept>
#include <utility>

#include "http/file_descriptor.h"

namespace test {
namespace {

// One that the kernel has just given; such programs cannot tell which it was given themselves.
std::uint16_t FreePort() {
  const http::FileDescriptor fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(fd.Get(), generic, size) != 0 || getsockname(fd.Get(), generic, &size) != 0) {
    throw std::runtime_error("bind");
  }
  return ntohs(address.sin_port);
}

bool AcceptsConnections(std::uint16_t port) {
  const http::FileDescriptor fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return connect(fd.Get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

}  // namespace

LoopbackDaemon::LoopbackDaemon(std::function<std::vector<std::string>(std::uint16_t port)> words)
    : words_(std::move(words)) {
  for (int attempt = 0; attempt < 5; ++attempt) {
    port_ = FreePort();
    if (TryStart()) return;  // otherwise somebody else was given the port meanwhile
  }
  throw std::runtime_error(words_(0).front() + " does not start: " + process_->Err());
}

LoopbackDaemon::~LoopbackDaemon() { Kill(); }

bool LoopbackDaemon::TryStart() {
  process_ = std::make_unique<Process>(words_(port_));
  return Eventually([this] {
           return process_->Wait(std::chrono::milliseconds(0)).has_value() ||
                  AcceptsConnections(port_);
         }) &&
         !process_->Wait(std::chrono::milliseconds(0)).has_value();
}

void LoopbackDaemon::Kill() {
  process_->Signal(SIGTERM);
  (void)process_->Wait();
}

void LoopbackDaemon::Start() {
  if (!TryStart()) throw std::runtime_error("it does not start again: " + process_->Err());
}

}  // namespace test
