// Bad input at the real binary: each is answered or closed, /-/healthy answers, and SIGTERM ends it
// with 0 afterwards.

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/e2e/exporter_run.h"
#include "tests/raw_client.h"

using namespace std::string_literals;
using Clock = std::chrono::steady_clock;

namespace {

class Target {
 public:
  explicit Target(std::vector<std::string> arguments = {})
      : run_(cloud_, {.global = "",
                      .key_options = "",
                      .arguments = std::move(arguments),
                      .keys = {test::AddKey(cloud_, "key")}}) {
    REQUIRE(run_.WaitUntilReady());
  }

  [[nodiscard]] std::uint16_t Port() const {
    return static_cast<std::uint16_t>(std::stoi(run_.port()));
  }

  // What came back until the server ended the connection, which it must.
  [[nodiscard]] std::string Answers(const std::string& bytes) const {
    RawClient client(Port());
    client.Send(bytes);
    shutdown(client.Fd(), SHUT_WR);
    std::string answers = client.ReceiveAll();
    CHECK(client.IsClosed());
    CHECK((answers.empty() || answers.starts_with("HTTP/1.")));
    CHECK(answers.find("HTTP/1.1 500") == std::string::npos);
    return answers;
  }

  void CheckHealthy() const {
    const test::Fetched health = test::Fetch(run_.Url("/-/healthy"));
    CHECK(health.status == 200);
    CHECK(health.seconds < 5);  // milliseconds where nothing else runs
  }

  void CheckHealthyAndStop() {
    CheckHealthy();
    CHECK(run_.process().Err().find("level=error") == std::string::npos);
    const auto start = Clock::now();
    run_.process().Signal(SIGTERM);
    CHECK(run_.process().Wait(std::chrono::seconds(20)) == 0);  // 2 s are promised
    const std::chrono::duration<double> taken = Clock::now() - start;
    MESSAGE("ended after " << taken.count() << " s");
  }

 private:
  simulator::Cloud cloud_;
  test::ExporterRun run_;
};

std::string Request(const std::string& method, const std::string& path,
                    const std::string& headers = "") {
  return method + " " + path + " HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n";
}

std::string Repeated(std::string_view text, std::size_t count) {
  std::string repeated;
  repeated.reserve(text.size() * count);
  for (std::size_t i = 0; i < count; ++i) repeated += text;
  return repeated;
}

std::string Noise(std::size_t size) {
  std::string noise;
  for (unsigned i = 0; i < size; ++i) noise += static_cast<char>((i * 2654435761U) >> 24U);
  return noise;
}

using Clients = std::vector<std::unique_ptr<RawClient>>;

void Connect(Clients& clients, std::uint16_t port, int count, const std::string& bytes) {
  for (int i = 0; i < count; ++i) {
    clients.push_back(std::make_unique<RawClient>(port));
    clients.back()->Send(bytes);
  }
}

}  // namespace

TEST_CASE("every path with every method gets the answer it should") {
  Target target;
  const std::vector<std::string> known = {"/",      "/metrics", "/-/healthy", "/healthz",
                                          "/livez", "/-/ready", "/readyz",    "/config"};
  const std::vector<std::string> unknown = {
      "/metrics/",      "//metrics",  "/METRICS",    "/-/",          "/-/healthy/",
      "/../metrics",    "/%6detrics", "/metrics%00", "/metrics;x",   "/.env",
      "/\xff\xfe\x80x", "/-/quit",    "/-//ready",   "/metrics/../", "/a?/metrics"};
  for (const std::string& path : known) {
    for (const char* method : {"GET", "HEAD"}) {
      CAPTURE(path);
      RawClient client(target.Port());
      client.Send(Request(method, path));
      const std::string answer = client.Receive(method == "HEAD"s);
      CHECK(StatusOf(answer) == 200);
    }
    for (const char* method :
         {"POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "CONNECT", "get", "BREW"}) {
      CAPTURE(path);
      CAPTURE(method);
      RawClient client(target.Port());
      client.Send(Request(method, path, "Content-Length: 0\r\n"));
      const std::string answer = client.Receive();
      CHECK(StatusOf(answer) == 405);
      CHECK(answer.find("Allow: GET, HEAD\r\n") != std::string::npos);
    }
  }
  for (const std::string& path : unknown) {
    for (const char* method : {"GET", "HEAD", "POST", "DELETE", "TRACE"}) {
      CAPTURE(path);
      CAPTURE(method);
      RawClient client(target.Port());
      client.Send(Request(method, path, "Content-Length: 0\r\n"));
      CHECK(StatusOf(client.Receive(method == "HEAD"s)) == 404);
    }
  }
  target.CheckHealthyAndStop();
}

TEST_CASE("oversized targets, headers and bodies are refused") {
  Target target;
  for (const std::size_t size : {40'000U, 1'000'000U}) {
    CHECK(StatusOf(target.Answers(Request("GET", "/" + std::string(size, 'x')))) == 414);
    CHECK(StatusOf(target.Answers(Request("GET", "/metrics?" + Repeated("a&", size / 2)))) == 414);
    CHECK(StatusOf(target.Answers(Request("GET", "/", "X: " + std::string(size, 'x') + "\r\n"))) ==
          431);
    CHECK(StatusOf(target.Answers(Request("GET", "/", Repeated("a: b\r\n", size / 6)))) == 431);
    CHECK(StatusOf(target.Answers(std::string(size, 'G') + " / HTTP/1.1\r\n\r\n")) != 200);
  }
  CHECK(StatusOf(target.Answers(Request("POST", "/", "Content-Length: 100000\r\n"))) == 413);
  CHECK(StatusOf(target.Answers(
            Request("POST", "/", "Content-Length: 99999999999999999999\r\n"))) != 200);
  CHECK(StatusOf(target.Answers(Request("POST", "/", "Transfer-Encoding: chunked\r\n") +
                                "100000\r\n" + std::string(0x100000, 'x') + "\r\n0\r\n\r\n")) !=
        200);
  target.CheckHealthyAndStop();
}

TEST_CASE("what is not HTTP, or nearly, is answered or closed") {
  Target target;
  const std::string get = Request("GET", "/-/healthy");
  for (const std::string& bytes :
       {""s, "\r\n\r\n\r\n"s, "\0"s, Noise(100'000), std::string(100'000, '\0') + "\r\n\r\n",
        // TLS and its like
        "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"s + Noise(500),
        "\x15\x03\x03\x00\x02\x02\x28"s, "\x80\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x10"s,
        "\x05\x01\x00"s, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"s, "GET /\r\n\r\n"s,
        "GET  /  HTTP/1.1\r\n\r\n"s, "GET / HTTP/9.9\r\n\r\n"s,
        "GET / HTTP/1.1\r\nno colon\r\n\r\n"s, "GET / HTTP/1.1\r\nHost: a\r\n: x\r\n\r\n"s,
        "GET / HTTP/1.1\r\nHost : a\r\n\r\n"s, "GET / HTTP/1.1\r\nHost: a\r\nX: \0\r\n\r\n"s,
        "GET / HTTP/1.1\nHost: a\n\n"s, "GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n"s,
        "GET /\0x HTTP/1.1\r\nHost: a\r\n\r\n"s,
        Request("GET", "/", "Accept-Encoding: \xff;q=\xfe,,;;gzip;q=1e999\r\n"),
        Request("GET", "/metrics", "Accept-Encoding: gzip;q=0, identity;q=0, *;q=0\r\n"),
        Request("GET", "/", "Authorization: Basic !!!!\r\nCookie: =;;=\"\r\n"),
        Request("POST", "/", "Content-Length: -1\r\n"),
        Request("POST", "/", "Content-Length: x\r\n"),
        Request("POST", "/", "Content-Length: 5\r\nContent-Length: 6\r\n") + "hello!",
        Request("POST", "/", "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n") + "0\r\n\r\n",
        Request("POST", "/", "Transfer-Encoding: chunked\r\n") + "zz\r\nhello\r\n0\r\n\r\n",
        Request("POST", "/", "Transfer-Encoding: chunked\r\n") + "fffffffffffffffff\r\n",
        Request("POST", "/", "Transfer-Encoding: gzip\r\n") + "hello",
        Request("POST", "/", "Expect: 100-continue\r\nContent-Length: 5\r\n"),
        Request("GET", "/", "Connection: Upgrade\r\nUpgrade: websocket\r\n"),
        // whatever follows a good request
        get + Noise(1000), get + get.substr(0, 20)}) {
    CAPTURE(bytes.substr(0, 60));
    static_cast<void>(target.Answers(bytes));
  }
  target.CheckHealthyAndStop();
}

TEST_CASE("1,000 pipelined requests are all answered, in order") {
  Target target;
  RawClient client(target.Port());
  std::thread sender([&client] {
    for (int i = 0; i < 500; ++i) {
      client.Send(Request("GET", "/-/healthy") + Request("GET", "/metrics"));
    }
  });
  for (int i = 0; i < 500; ++i) {
    REQUIRE(BodyOf(client.Receive()) == "Healthy\n");
    REQUIRE(BodyOf(client.Receive()).starts_with("# HELP "));
  }
  sender.join();
  target.CheckHealthyAndStop();
}

TEST_CASE("500 slow and half-open clients delay nobody, nor the end") {
  Target target;
  const auto start = Clock::now();
  Clients clients;
  Connect(clients, target.Port(), 150, "");
  Connect(clients, target.Port(), 150, "GET /metrics HTTP/1.1\r\nHost: a\r\nX-Never: en");
  Connect(clients, target.Port(), 100, Request("POST", "/", "Content-Length: 1000\r\n") + "12");
  Connect(clients, target.Port(), 50, "\x16\x03\x01\x02\x00\x01"s);
  Connect(clients, target.Port(), 50, Repeated(Request("GET", "/metrics"), 50));  // not taken
  std::atomic<bool> stop = false;
  std::thread dripping([&] {
    while (!stop) {
      for (std::size_t i = 150; i < 400; ++i) clients[i]->Send("d");
      std::this_thread::yield();
    }
  });
  for (int i = 0; i < 50; ++i) target.CheckHealthy();
  stop = true;
  dripping.join();
  // Beyond the limit of 512, as well.
  Connect(clients, target.Port(), 300, "GET /metrics HTTP/1.1\r\nX-Never: en");
  for (int i = 0; i < 20; ++i) target.CheckHealthy();
  MESSAGE("after " << std::chrono::duration<double>(Clock::now() - start).count() << " s");
  target.CheckHealthyAndStop();
}

TEST_CASE("half-open clients are closed within the deadline of a request") {
  Target target;
  Clients clients;
  const auto start = Clock::now();
  Connect(clients, target.Port(), 20, "GET /metrics HTTP/1.1\r\nHost: a\r\nX-Never: en");
  const auto is_closed = [](const std::unique_ptr<RawClient>& client) {
    char byte = 0;
    const ssize_t count = recv(client->Fd(), &byte, 1, MSG_DONTWAIT);
    return count == 0 || (count < 0 && errno != EAGAIN);
  };
  CHECK(test::Eventually(
      [&] {
        for (const auto& client : clients) client->Send("d");
        return std::all_of(clients.begin(), clients.end(), is_closed);
      },
      std::chrono::seconds(60)));
  const auto taken = Clock::now() - start;
  CHECK(taken >= std::chrono::seconds(9));
  CHECK(taken < std::chrono::seconds(40));
  target.CheckHealthyAndStop();
}
