// Raw bytes at the sockets of a running server with the exporter's own routes: plain, and as
// garbage before the handshake of a TLS one.

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "exporter/web/routes.h"
#include "http/file_descriptor.h"
#include "http/server.h"
#include "http/worker.h"
#include "tests/certificates.h"
#include "tests/fuzz/property.h"
#include "tests/metrics_fixture.h"

using fuzz::Expect;
using std::chrono::milliseconds;

namespace {

// Half a request is waited for so long; a handshake takes its time under sanitizers.
constexpr milliseconds kRequestTimeout{50};
constexpr milliseconds kTlsRequestTimeout{1000};
constexpr milliseconds kDeadline{20'000};
constexpr int kAttempts = 10;
// A TLS handshake is the most expensive part of a run.
constexpr unsigned kInputsPerHandshake = 16;
constexpr std::string_view kLastRequest =
    "GET /-/healthy HTTP/1.1\r\nHost: fuzz\r\nConnection: close\r\n\r\n";

class Site {
 public:
  Site() {
    auto snapshot = std::make_shared<scrape::Snapshot>();
    snapshot->keys.push_back(test::FullKey("key"));
    snapshot->first_round_attempted = true;
    store_.Publish(std::move(snapshot));
    plain_ = Serve(nullptr);
    tls_ = Serve(*http::TlsCredentials::Create(test::Authority().Issue()));
  }

  [[nodiscard]] std::uint16_t PlainPort() const { return plain_->Ports().front(); }
  [[nodiscard]] std::uint16_t TlsPort() const { return tls_->Ports().front(); }

 private:
  std::unique_ptr<http::Server> Serve(std::shared_ptr<const http::TlsCredentials> tls) {
    http::ServerOptions options;
    options.listen_addresses = {"127.0.0.1:0"};
    options.request_timeout = tls == nullptr ? kRequestTimeout : kTlsRequestTimeout;
    options.tls = std::move(tls);
    auto server = http::Server::Start(std::move(options), [this](const http::Request& request) {
      return routes_.Handle(request);
    });
    Expect(server.has_value(), "the server starts");
    return std::move(*server);
  }

  scrape::SnapshotStore store_;
  exporter::HttpRequestCounters counters_;
  exporter::ExpositionCache cache_{store_, counters_, {}};
  http::Worker worker_;
  exporter::Routes routes_{{}, cache_, counters_, store_, worker_, [] { return true; }};
  std::unique_ptr<http::Server> plain_;
  std::unique_ptr<http::Server> tls_;
};

http::FileDescriptor Connect(std::uint16_t port) {
  http::FileDescriptor client(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  Expect(connect(client.Get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0,
         "the server accepts connections");
  return client;
}

// Sends it all, ends its own direction if wanted, and gives back everything until the server ends
// the connection.
std::string Talk(std::uint16_t port, std::string_view bytes, bool end_sending) {
  const http::FileDescriptor client = Connect(port);
  const auto deadline = std::chrono::steady_clock::now() + kDeadline;
  std::string answers;
  bool sending = true;
  while (true) {
    if (sending && bytes.empty()) {
      if (end_sending) shutdown(client.Get(), SHUT_WR);
      sending = false;
    }
    pollfd watched = {client.Get(), static_cast<short>(sending ? POLLIN | POLLOUT : POLLIN), 0};
    const auto left =
        std::chrono::duration_cast<milliseconds>(deadline - std::chrono::steady_clock::now());
    const int events =
        poll(&watched, 1, static_cast<int>(std::max<milliseconds::rep>(left.count(), 0)));
    if (events < 0 && errno == EINTR) continue;  // libFuzzer's own clock
    Expect(events > 0, "the server ends the connection within the deadline");
    if ((watched.revents & (POLLIN | POLLHUP | POLLERR)) != 0) {
      char buffer[4096];
      const ssize_t count = recv(client.Get(), buffer, sizeof buffer, MSG_DONTWAIT);
      if (count == 0 || (count < 0 && errno != EAGAIN)) return answers;
      if (count > 0) answers.append(buffer, static_cast<std::size_t>(count));
    } else {
      const ssize_t count =
          send(client.Get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (count > 0) bytes.remove_prefix(static_cast<std::size_t>(count));
      if (count < 0 && errno != EAGAIN) bytes = {};
    }
  }
}

// This client may be too slow for the deadline, on a busy machine.
bool IsHealthy(std::uint16_t port) {
  for (int i = 0; i < kAttempts; ++i) {
    const std::string health = Talk(port, kLastRequest, false);
    if (health.starts_with("HTTP/1.1 200") && health.ends_with("Healthy\n")) return true;
  }
  return false;
}

bool IsHealthyOverTls(std::uint16_t port) {
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> easy(curl_easy_init(),
                                                                 &curl_easy_cleanup);
  const std::string url = "https://127.0.0.1:" + std::to_string(port) + "/-/healthy";
  curl_easy_setopt(easy.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy.get(), CURLOPT_PROXY, "");
  curl_easy_setopt(easy.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy.get(), CURLOPT_NOBODY, 1L);
  curl_easy_setopt(easy.get(), CURLOPT_SSL_VERIFYPEER, 0L);
  curl_easy_setopt(easy.get(), CURLOPT_TIMEOUT_MS, kDeadline.count());
  long status = 0;
  if (curl_easy_perform(easy.get()) != CURLE_OK) return false;
  curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
  return status == 200;
}

void CheckAnswers(std::string_view answers) {
  Expect(answers.empty() || answers.starts_with("HTTP/1."), "an answer is one of HTTP");
  Expect(answers.find("HTTP/1.1 500") == std::string_view::npos, "no request fails");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Site& site = *new Site;  // its threads run until the process ends
  static unsigned inputs = 0;
  const std::string_view bytes = fuzz::TextOf(data, size);
  CheckAnswers(Talk(site.PlainPort(), bytes, true));
  // What looks complete is answered to a client that waits, too.
  if (bytes.ends_with("\r\n\r\n")) {
    CheckAnswers(Talk(site.PlainPort(), std::string(bytes) + std::string(kLastRequest), false));
  }
  Expect(IsHealthy(site.PlainPort()), "the server lives");

  const std::string answer = Talk(site.TlsPort(), bytes, true);
  Expect(answer.find("HTTP/") == std::string::npos, "nothing is answered without a handshake");
  if (inputs++ % kInputsPerHandshake != 0) return 0;
  bool is_healthy = false;
  for (int i = 0; i < kAttempts && !is_healthy; ++i) is_healthy = IsHealthyOverTls(site.TlsPort());
  Expect(is_healthy, "the TLS server lives");
  return 0;
}
