#include "tests/e2e/nghttpx.h"

#include <signal.h>

#include <fstream>
#include <utility>

namespace test {

Nghttpx::Nghttpx(const http::TlsSettings& identity, std::uint16_t backend_port,
                 std::vector<std::string> options)
    : certificate_(dir_.Write("certificate.pem", identity.certificate)),
      private_key_(dir_.Write("key.pem", identity.private_key)),
      access_log_(dir_.path() + "/access.log"),
      backend_port_(backend_port),
      options_(std::move(options)),
      daemon_([this](std::uint16_t port) { return Command(port); }) {}

std::vector<std::string> Nghttpx::Command(std::uint16_t port) const {
  std::vector<std::string> words = {
      "nghttpx",
      "--conf=/dev/null",
      "--workers=1",
      "--no-ocsp",
      "--frontend=127.0.0.1," + std::to_string(port),
      "--backend=127.0.0.1," + std::to_string(backend_port_),
      "--accesslog-file=" + access_log_,
      "--accesslog-format=$alpn $remote_port $status $http_apikey $tls_client_subject_name"};
  words.insert(words.end(), options_.begin(), options_.end());
  words.insert(words.end(), {private_key_, certificate_});
  return words;
}

std::string Nghttpx::BaseUrl() const {
  return "https://127.0.0.1:" + std::to_string(daemon_.Port()) + "/v4";
}

std::vector<ProxiedRequest> Nghttpx::Requests() const {
  std::ifstream log(access_log_);
  std::vector<ProxiedRequest> requests;
  ProxiedRequest request;
  while (log >> request.protocol >> request.client_port >> request.status >> request.apikey &&
         std::getline(log >> std::ws, request.client_certificate)) {
    requests.push_back(request);
  }
  return requests;
}

void Nghttpx::Reload() const { daemon_.process().Signal(SIGHUP); }

}  // namespace test
