#include <doctest/doctest.h>
#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "http/server.h"
#include "tests/raw_client.h"

using http::Request;
using http::Response;
using http::Server;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

namespace {

Response Answer(const Request& request) {
  Response response;
  response.body = std::make_shared<const std::string>(
      // NOLINTNEXTLINE(bugprone-string-constructor): more than sockets buffer
      request.path == "/big" ? std::string(20'000'000, 'b') : "fine");
  return response;
}

std::unique_ptr<Server> Serve(http::ServerOptions options, http::Handler handler = Answer) {
  options.listen_addresses = {"127.0.0.1:0"};
  auto server = Server::Start(std::move(options), std::move(handler));
  REQUIRE(server);
  return std::move(*server);
}

using Clients = std::vector<std::unique_ptr<RawClient>>;

Clients Connect(std::uint16_t port, int count, std::string_view bytes) {
  Clients clients;
  for (int i = 0; i < count; ++i) {
    clients.push_back(std::make_unique<RawClient>(port));
    clients.back()->Send(bytes);
  }
  return clients;
}

milliseconds TimeOfGet(std::uint16_t port) {
  const auto start = Clock::now();
  CHECK(StatusOf(Get(port, "/")) == 200);
  return std::chrono::duration_cast<milliseconds>(Clock::now() - start);
}

constexpr std::string_view kHalfRequest = "GET / HTTP/1.1\r\nHost: a\r\nX-Never: en";
constexpr std::string_view kRequest = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

}  // namespace

TEST_CASE("300 half-open and dripping clients delay nobody and are closed by the deadline") {
  http::ServerOptions options;
  options.request_timeout = seconds(3);
  const auto server = Serve(std::move(options));
  const std::uint16_t port = server->Ports().at(0);
  const auto start = Clock::now();
  Clients bad = Connect(port, 100, "");
  for (auto& client : Connect(port, 200, kHalfRequest)) bad.push_back(std::move(client));
  std::size_t alive = bad.size();
  milliseconds slowest{0};
  while (alive > 0 && Clock::now() - start < seconds(20)) {
    alive = 0;
    for (std::size_t i = 0; i < bad.size(); ++i) {
      char byte = 0;
      const bool open = recv(bad[i]->Fd(), &byte, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN;
      if (open && i >= 100) bad[i]->Send("d");
      alive += open ? 1 : 0;
    }
    slowest = std::max(slowest, TimeOfGet(port));
  }
  CHECK(alive == 0);
  CHECK(Clock::now() - start >= seconds(3));
  CHECK(Clock::now() - start < seconds(10));
  CHECK(slowest < milliseconds(2500));  // milliseconds where nothing else runs
}

TEST_CASE("at the connection limit a healthy client gets in at once") {
  http::ServerOptions options;
  options.max_connections = 20;
  const auto server = Serve(std::move(options));
  const std::uint16_t port = server->Ports().at(0);
  const Clients half_open = Connect(port, 100, kHalfRequest);
  for (int i = 0; i < 50; ++i) CHECK(TimeOfGet(port) < seconds(5));
  Clients idle = Connect(port, 100, kRequest);
  for (int i = 0; i < 50; ++i) CHECK(TimeOfGet(port) < seconds(5));
}

TEST_CASE("at the connection limit the first to go is the oldest") {
  http::ServerOptions options;
  options.max_connections = 3;
  const auto server = Serve(std::move(options));
  const std::uint16_t port = server->Ports().at(0);
  Clients clients;
  for (int i = 0; i < 4; ++i) {
    clients.push_back(std::make_unique<RawClient>(port));
    clients.back()->Send(kRequest);
    CHECK(StatusOf(clients.back()->Receive()) == 200);
  }
  CHECK(clients[0]->IsClosed());
  for (std::size_t i = 1; i < 4; ++i) {
    clients[i]->Send(kRequest);
    CHECK(StatusOf(clients[i]->Receive()) == 200);
  }
}

TEST_CASE("a client that does not take its answer is closed") {
  http::ServerOptions options;
  options.answer_timeout = milliseconds(300);
  const auto server = Serve(std::move(options));
  RawClient client(server->Ports().at(0));
  client.Send("GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto deadline = Clock::now() + seconds(10);
  // Sending fails once the server's end is gone.
  while (client.Send("x") && Clock::now() < deadline) std::this_thread::yield();
  CHECK(Clock::now() < deadline);
  CHECK(client.ReceiveAll().size() < 20'000'000);
}

TEST_CASE("an idle connection is kept longer than a request may take, and not for ever") {
  http::ServerOptions options;
  options.request_timeout = milliseconds(100);
  options.idle_timeout = milliseconds(600);
  const auto server = Serve(std::move(options));
  RawClient client(server->Ports().at(0));
  client.Send(kRequest);
  CHECK(StatusOf(client.Receive()) == 200);
  const auto start = Clock::now();
  CHECK(client.IsClosed());
  CHECK(Clock::now() - start >= milliseconds(550));
}

TEST_CASE("half a request after a whole one is late, not idle") {
  http::ServerOptions options;
  options.request_timeout = milliseconds(400);
  options.idle_timeout = std::chrono::hours(1);
  const auto server = Serve(std::move(options));
  RawClient client(server->Ports().at(0));
  client.Send(kRequest);
  CHECK(StatusOf(client.Receive()) == 200);
  client.Send("GE");
  CHECK(client.IsClosed());
}

TEST_CASE("a client that sends no more is answered and closed") {
  http::ServerOptions options;
  options.idle_timeout = std::chrono::hours(1);
  const auto server = Serve(std::move(options));
  for (int i = 0; i < 100; ++i) {
    RawClient client(server->Ports().at(0));
    client.Send(std::string(kRequest) + std::string(kRequest));
    shutdown(client.Fd(), SHUT_WR);
    CHECK(StatusOf(client.Receive()) == 200);
    CHECK(StatusOf(client.Receive()) == 200);
    REQUIRE(client.IsClosed());
  }
}

TEST_CASE("a thousand pipelined requests are answered without a pause") {
  const auto server = Serve(http::ServerOptions{});
  RawClient client(server->Ports().at(0));
  std::string requests;
  for (int i = 0; i < 1000; ++i) requests += kRequest;
  const auto start = Clock::now();
  std::thread sender([&] { client.Send(requests); });
  for (int i = 0; i < 1000; ++i) REQUIRE(StatusOf(client.Receive()) == 200);
  sender.join();
  CHECK(Clock::now() - start < seconds(2));  // a tenth where nothing else runs
}

TEST_CASE("a body that does not come is late like headers that do not come") {
  http::ServerOptions options;
  options.request_timeout = milliseconds(200);
  const auto server = Serve(std::move(options));
  RawClient client(server->Ports().at(0));
  client.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n123");
  CHECK(client.IsClosed());
}

TEST_CASE("a held request is not late, and ends when its client goes") {
  http::ServerOptions options;
  options.request_timeout = milliseconds(100);
  options.answer_timeout = milliseconds(100);
  options.max_connections = 2;
  const auto server = Serve(std::move(options), [](const Request& request) {
    Response response = Answer(request);
    if (request.path == "/late") response.delay = milliseconds(500);
    if (request.path == "/hang") response.delay = std::chrono::hours(1);
    return response;
  });
  const std::uint16_t port = server->Ports().at(0);
  CHECK(StatusOf(Get(port, "/late")) == 200);
  // More than the limit one after another: each place is free again, without waiting for the hour.
  for (int i = 0; i < 10; ++i) {
    RawClient client(port);
    CHECK(client.Send("GET /hang HTTP/1.1\r\nHost: a\r\n\r\n"));
  }
  CHECK(StatusOf(Get(port, "/")) == 200);
}

TEST_CASE("clients of all kinds at once: the good ones get every answer") {
  http::ServerOptions options;
  options.max_connections = 64;
  options.request_timeout = milliseconds(300);
  const auto server = Serve(std::move(options));
  const std::uint16_t port = server->Ports().at(0);
  std::atomic<bool> stop = false;
  std::thread flood([&] {
    while (!stop) Connect(port, 30, kHalfRequest);
  });
  int answered = 0;
  for (int i = 0; i < 200; ++i) answered += StatusOf(Get(port, "/")) == 200 ? 1 : 0;
  stop = true;
  flood.join();
  CHECK(answered == 200);
}
