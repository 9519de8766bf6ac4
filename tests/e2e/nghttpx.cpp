#include "tests/e2e/nghttpx.h"

#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>

#include <fstream>
#include <stdexcept>

#include "http/file_descriptor.h"

namespace test {
namespace {

// One that the kernel has just given; nghttpx cannot tell which it was given itself.
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

Nghttpx::Nghttpx(const http::TlsSettings& identity, std::uint16_t backend_port,
                 std::vector<std::string> options)
    : certificate_(dir_.Write("certificate.pem", identity.certificate)),
      private_key_(dir_.Write("key.pem", identity.private_key)),
      access_log_(dir_.path() + "/access.log"),
      backend_port_(backend_port),
      options_(std::move(options)) {
  for (int attempt = 0; attempt < 5; ++attempt) {
    port_ = FreePort();
    if (TryStart()) return;  // otherwise somebody else was given the port meanwhile
  }
  throw std::runtime_error("nghttpx does not start: " + process_->Err());
}

Nghttpx::~Nghttpx() {
  process_->Signal(SIGTERM);
  (void)process_->Wait();
}

bool Nghttpx::TryStart() {
  std::vector<std::string> words = {"nghttpx",
                                    "--conf=/dev/null",
                                    "--workers=1",
                                    "--no-ocsp",
                                    "--frontend=127.0.0.1," + std::to_string(port_),
                                    "--backend=127.0.0.1," + std::to_string(backend_port_),
                                    "--accesslog-file=" + access_log_,
                                    "--accesslog-format=$alpn $remote_port $status"};
  words.insert(words.end(), options_.begin(), options_.end());
  words.insert(words.end(), {private_key_, certificate_});
  process_ = std::make_unique<Process>(words);
  return Eventually([this] {
           return process_->Wait(std::chrono::milliseconds(0)).has_value() ||
                  AcceptsConnections(port_);
         }) &&
         !process_->Wait(std::chrono::milliseconds(0)).has_value();
}

std::string Nghttpx::BaseUrl() const {
  return "https://127.0.0.1:" + std::to_string(port_) + "/v4";
}

std::vector<ProxiedRequest> Nghttpx::Requests() const {
  std::ifstream log(access_log_);
  std::vector<ProxiedRequest> requests;
  ProxiedRequest request;
  while (log >> request.protocol >> request.client_port >> request.status) {
    requests.push_back(request);
  }
  return requests;
}

void Nghttpx::Reload() const { process_->Signal(SIGHUP); }

void Nghttpx::Kill() {
  process_->Signal(SIGTERM);
  (void)process_->Wait();
}

void Nghttpx::Start() {
  if (!TryStart()) throw std::runtime_error("nghttpx does not start again: " + process_->Err());
}

}  // namespace test
