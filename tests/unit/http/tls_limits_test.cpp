// Clients of a TLS port that do not come along, and the stop in every state of a connection.

#include <curl/curl.h>
#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "http/server.h"
#include "http/worker.h"
#include "tests/certificates.h"
#include "tests/raw_client.h"
#include "tls_client.h"

using http::Deferred;
using http::Reply;
using http::Request;
using http::Response;
using http::Server;
using namespace std::string_view_literals;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

namespace {

// A record that announces 512 bytes of a ClientHello, and its first bytes.
constexpr std::string_view kHalfHello = "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03wxyzwxyz"sv;
// A record of encrypted data that announces 64 bytes, and its first bytes.
constexpr std::string_view kHalfRecord = "\x17\x03\x03\x00\x40wxyzwxyz"sv;
constexpr std::string_view kRequest = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
constexpr std::string_view kHalfRequest = "GET / HTTP/1.1\r\nHost: a\r\nX-Never: en";

class Site {
 public:
  explicit Site(http::ServerOptions options) {
    options.listen_addresses = {"127.0.0.1:0"};
    options.tls = *http::TlsCredentials::Create(authority_.Issue());
    auto server = Server::Start(std::move(options), [](const Request& request) -> Reply {
      if (request.path == "/hang") return Response{.headers = {}, .body = {}, .delay = kHang};
      Response response;
      response.body = std::make_shared<const std::string>("fine");
      return response;
    });
    REQUIRE(server);
    server_ = std::move(*server);
  }

  [[nodiscard]] std::uint16_t Port() const { return server_->Ports().front(); }
  void Stop() { server_->Stop(); }
  [[nodiscard]] const std::string& Trusted() const { return trusted_; }

  milliseconds TimeOfGet() {
    const auto start = Clock::now();
    CHECK(GetOverTls(Port(), "/", {.trusted = trusted_}).body == "fine");
    return std::chrono::duration_cast<milliseconds>(Clock::now() - start);
  }

 private:
  static constexpr std::chrono::hours kHang{1};

  const test::Authority authority_;
  const std::string trusted_ = authority_.Certificate();
  std::unique_ptr<Server> server_;
};

// A client whose handshake is done.
class Greeted {
 public:
  explicit Greeted(const Site& site) : easy_(curl_easy_init(), &curl_easy_cleanup) {
    curl_blob authorities = {const_cast<char*>(site.Trusted().data()), site.Trusted().size(),
                             CURL_BLOB_COPY};
    const std::string url = "https://127.0.0.1:" + std::to_string(site.Port()) + "/";
    curl_easy_setopt(easy_.get(), CURLOPT_URL, url.c_str());
    curl_easy_setopt(easy_.get(), CURLOPT_PROXY, "");
    curl_easy_setopt(easy_.get(), CURLOPT_CAINFO_BLOB, &authorities);
    curl_easy_setopt(easy_.get(), CURLOPT_CONNECT_ONLY, 1L);
    curl_easy_setopt(easy_.get(), CURLOPT_TIMEOUT_MS, 10'000L);
    REQUIRE(curl_easy_perform(easy_.get()) == CURLE_OK);
    REQUIRE(curl_easy_getinfo(easy_.get(), CURLINFO_ACTIVESOCKET, &fd_) == CURLE_OK);
  }

  void Send(std::string_view text) {
    std::size_t sent = 0;
    CHECK(curl_easy_send(easy_.get(), text.data(), text.size(), &sent) == CURLE_OK);
  }
  void SendRaw(std::string_view bytes) const {
    CHECK(send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
          static_cast<ssize_t>(bytes.size()));
  }
  // What came until some does not, or the end.
  std::string Receive() {
    std::string text;
    char bytes[4096];
    std::size_t count = 0;
    const auto deadline = Clock::now() + seconds(10);
    while (text.find("fine") == std::string::npos && Clock::now() < deadline) {
      const CURLcode code = curl_easy_recv(easy_.get(), bytes, sizeof bytes, &count);
      if (code == CURLE_AGAIN) continue;
      if (code != CURLE_OK || count == 0) break;
      text.append(bytes, count);
    }
    return text;
  }
  [[nodiscard]] bool IsOpen() const {
    char byte = 0;
    const ssize_t count = recv(fd_, &byte, 1, MSG_DONTWAIT | MSG_PEEK);
    return count > 0 || (count < 0 && errno == EAGAIN);
  }
  // Waits for the end of the connection, which may be announced by an alert.
  [[nodiscard]] bool IsClosed() const {
    const auto deadline = Clock::now() + seconds(10);
    while (Clock::now() < deadline) {
      char bytes[512];
      const ssize_t count = recv(fd_, bytes, sizeof bytes, MSG_DONTWAIT);
      if (count == 0 || (count < 0 && errno != EAGAIN)) return true;
    }
    return false;
  }

 private:
  std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> easy_;
  curl_socket_t fd_ = -1;
};

using Clients = std::vector<std::unique_ptr<RawClient>>;

Clients Connect(std::uint16_t port, int count, std::string_view bytes) {
  Clients clients;
  for (int i = 0; i < count; ++i) {
    clients.push_back(std::make_unique<RawClient>(port));
    clients.back()->Send(bytes);
  }
  return clients;
}

// Both ends of the connections are in this process.
void AllowDescriptors(rlim_t count) {
  rlimit limit = {};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &limit) == 0);
  if (limit.rlim_cur >= count) return;
  limit.rlim_cur = std::min(count, limit.rlim_max);
  REQUIRE(setrlimit(RLIMIT_NOFILE, &limit) == 0);
}

double CpuSeconds() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds_of = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
}

}  // namespace

TEST_CASE("500 clients stuck in the TLS handshake delay nobody and are closed by the deadline") {
  AllowDescriptors(2048);
  http::ServerOptions options;
  options.request_timeout = seconds(3);
  options.max_connections = 600;
  Site site(std::move(options));
  const auto start = Clock::now();
  Clients stuck = Connect(site.Port(), 250, "");
  for (auto& client : Connect(site.Port(), 250, kHalfHello)) stuck.push_back(std::move(client));
  const auto is_open = [](const std::unique_ptr<RawClient>& client) {
    char byte = 0;
    return recv(client->Fd(), &byte, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN;
  };
  milliseconds slowest{0};
  while (std::any_of(stuck.begin(), stuck.end(), is_open) && Clock::now() - start < seconds(20)) {
    slowest = std::max(slowest, site.TimeOfGet());
  }
  CHECK(std::none_of(stuck.begin(), stuck.end(), is_open));
  CHECK(Clock::now() - start >= seconds(3));
  CHECK(Clock::now() - start < seconds(10));
  CHECK(slowest < milliseconds(2500));  // milliseconds where nothing else runs
}

TEST_CASE("at the connection limit a client gets in before those stuck in the handshake") {
  http::ServerOptions options;
  options.max_connections = 20;
  Site site(std::move(options));
  const Clients silent = Connect(site.Port(), 50, "");
  const Clients halfway = Connect(site.Port(), 50, kHalfHello);
  for (int i = 0; i < 20; ++i) CHECK(site.TimeOfGet() < seconds(5));
}

TEST_CASE("half a record or half a request is late after a handshake, too") {
  http::ServerOptions options;
  options.request_timeout = milliseconds(400);
  Site site(std::move(options));
  Greeted half_record(site);
  half_record.SendRaw(kHalfRecord);
  Greeted half_request(site);
  half_request.Send(kHalfRequest);
  Greeted silent(site);
  CHECK(half_record.IsClosed());
  CHECK(half_request.IsClosed());
  CHECK(silent.IsClosed());
}

TEST_CASE("half a request after a whole one is late, not idle") {
  http::ServerOptions options;
  options.request_timeout = milliseconds(400);
  options.idle_timeout = std::chrono::hours(1);
  Site site(std::move(options));
  Greeted half_line(site);
  Greeted half_record(site);
  Greeted idle(site);
  for (Greeted* const client : {&half_line, &half_record, &idle}) {
    client->Send(kRequest);
    CHECK(client->Receive().find("fine") != std::string::npos);
  }
  half_line.Send("GE");
  half_record.SendRaw(kHalfRecord);
  CHECK(half_line.IsClosed());
  CHECK(half_record.IsClosed());
  CHECK(idle.IsOpen());
  idle.Send(kRequest);
  CHECK(idle.Receive().find("fine") != std::string::npos);
}

TEST_CASE("garbage and plain HTTP before the handshake are closed, others are not harmed") {
  http::ServerOptions options;
  options.request_timeout = milliseconds(400);
  Site site(std::move(options));
  std::string noise;
  for (unsigned i = 0; i < 5000; ++i) noise += static_cast<char>((i * 2654435761U) >> 24);
  for (const std::string& bytes :
       {noise, std::string(20'000, '\0'), std::string(kRequest), std::string(kHalfRecord),
        // an alert, an empty record, a record larger than any may be, SSL 2
        std::string("\x15\x03\x01\x00\x02\x02\x28"sv), std::string("\x16\x03\x01\x00\x00"sv),
        "\x16\x03\x01\xff\xff" + noise,
        std::string("\x80\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x10"sv),
        std::string(kHalfHello) + std::string(600, 'x')}) {
    RawClient client(site.Port());
    client.Send(bytes);
    const std::string answer = client.ReceiveAll();
    CHECK(answer.find("HTTP/") == std::string::npos);
    CHECK(site.TimeOfGet() < seconds(5));
  }
}

TEST_CASE("stuck clients cost no CPU") {
  Site site(http::ServerOptions{});
  const Clients silent = Connect(site.Port(), 20, "");
  const Clients halfway = Connect(site.Port(), 20, kHalfHello);
  Greeted half_record(site);
  half_record.SendRaw(kHalfRecord);
  Greeted half_request(site);
  half_request.Send(kHalfRequest);
  Greeted hanging(site);
  hanging.Send("GET /hang HTTP/1.1\r\nHost: a\r\n\r\n");
  site.TimeOfGet();  // what was sent has been read
  const double before = CpuSeconds();
  const auto until = Clock::now() + milliseconds(500);
  std::promise<void> never;
  CHECK(never.get_future().wait_until(until) == std::future_status::timeout);
  CHECK(CpuSeconds() - before < 0.25);  // a busy loop takes all of it
}

TEST_CASE("stopping ends within a second in every state of TLS") {
  Site site(http::ServerOptions{});
  const Clients silent = Connect(site.Port(), 20, "");
  const Clients halfway = Connect(site.Port(), 20, kHalfHello);
  Greeted greeted(site);
  Greeted half_record(site);
  half_record.SendRaw(kHalfRecord);
  Greeted half_request(site);
  half_request.Send(kHalfRequest);
  Greeted half_body(site);
  half_body.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n123");
  Greeted hanging(site);
  hanging.Send("GET /hang HTTP/1.1\r\nHost: a\r\n\r\n");
  site.TimeOfGet();
  const auto start = Clock::now();
  site.Stop();
  CHECK(Clock::now() - start < seconds(10));  // milliseconds where nothing else runs
  CHECK(hanging.Receive().find("HTTP/1.1 503") != std::string::npos);
}

TEST_CASE("stopping ends within a second in every state, while the worker is busy") {
  std::promise<void> release;
  std::promise<void> busy;
  http::Worker worker;
  http::ServerOptions options;
  options.listen_addresses = {"127.0.0.1:0"};
  auto server = Server::Start(std::move(options), [&](const Request& request) -> Reply {
    Response big;
    // NOLINTNEXTLINE(bugprone-string-constructor): more than sockets buffer
    if (request.path == "/big") big.body = std::make_shared<std::string>(20'000'000, 'b');
    if (request.path != "/work") return big;
    return Deferred{[&](const http::Responder& responder) {
      CHECK(worker.Post([&, responder] {
        busy.set_value();
        release.get_future().get();
        responder.Answer({});
      }));
    }};
  });
  REQUIRE(server);
  const std::uint16_t port = (*server)->Ports().front();
  const Clients silent = Connect(port, 20, "");
  const Clients half_open = Connect(port, 20, kHalfRequest);
  const Clients half_body =
      Connect(port, 20, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n123");
  const Clients half_taken = Connect(port, 5, "GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
  RawClient suspended(port);
  suspended.Send("GET /work HTTP/1.1\r\nHost: a\r\n\r\n");
  busy.get_future().get();
  CHECK(StatusOf(Get(port, "/")) == 200);
  const auto start = Clock::now();
  (*server)->Stop();
  const auto taken = Clock::now() - start;
  MESSAGE("stopped in ", std::chrono::duration_cast<milliseconds>(taken).count(), " ms");
  CHECK(taken < seconds(10));
  CHECK(StatusOf(suspended.ReceiveAll()) == 503);
  release.set_value();
}
