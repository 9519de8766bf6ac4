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
using Clock = std::chrono::steady_clock;

namespace {

std::unique_ptr<Server> Serve(http::Handler handler) {
  http::ServerOptions options;
  options.listen_addresses = {"127.0.0.1:0"};
  auto server = Server::Start(std::move(options), std::move(handler));
  REQUIRE(server);
  return std::move(*server);
}

Response Late(std::chrono::hours delay) {
  Response response;
  response.body = std::make_shared<const std::string>("late");
  response.delay = delay;
  return response;
}

}  // namespace

TEST_CASE("stopping answers held-back requests with 503, at once") {
  std::atomic<int> asked = 0;
  const auto server = Serve([&asked](const Request&) {
    ++asked;
    return Late(std::chrono::hours(1));
  });
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 50; ++i) {
    clients.push_back(std::make_unique<RawClient>(server->Ports().at(0)));
    clients.back()->Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  }
  const auto deadline = Clock::now() + std::chrono::seconds(10);
  while (asked < 50 && Clock::now() < deadline) std::this_thread::yield();
  const auto start = Clock::now();
  server->Stop();
  CHECK(Clock::now() - start < std::chrono::seconds(10));
  for (const auto& client : clients) CHECK(StatusOf(client->ReceiveAll()) == 503);
}

TEST_CASE("stopping while requests pour in ends, again and again") {
  for (int round = 0; round < 3; ++round) {
    const auto server = Serve([](const Request& request) {
      return Late(request.path == "/hang" ? std::chrono::hours(1) : std::chrono::hours(0));
    });
    const std::uint16_t port = server->Ports().at(0);
    std::atomic<bool> stop = false;
    std::vector<std::thread> threads;
    for (const char* path : {"/hang", "/", "/hang", "/"}) {
      threads.emplace_back([&stop, port, path] {
        while (!stop) {
          RawClient client(port);
          client.Send(std::string("GET ") + path + " HTTP/1.1\r\nHost: a\r\n\r\n");
          if (path[1] == '\0') static_cast<void>(client.Receive());
        }
      });
    }
    for (int i = 0; i < 20; ++i) static_cast<void>(Get(port, "/"));
    const auto start = Clock::now();
    server->Stop();
    CHECK(Clock::now() - start < std::chrono::seconds(10));
    stop = true;
    for (std::thread& thread : threads) thread.join();
  }
}

TEST_CASE("a client that does not take its answer does not hold up the stop") {
  const auto server = Serve([](const Request&) {
    Response response;
    // NOLINTNEXTLINE(bugprone-string-constructor): more than sockets buffer
    response.body = std::make_shared<const std::string>(std::string(20'000'000, 'b'));
    return response;
  });
  RawClient client(server->Ports().at(0));
  client.Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  char byte = 0;
  REQUIRE(recv(client.Fd(), &byte, 1, 0) == 1);
  const auto start = Clock::now();
  server->Stop();
  CHECK(Clock::now() - start < std::chrono::seconds(10));
}

TEST_CASE("a stopped server refuses connections, and its port is free again") {
  const auto server = Serve([](const Request&) { return Response(); });
  const std::string address = server->Addresses().at(0);
  server->Stop();
  server->Stop();
  CHECK_FALSE(RawClient(server->Ports().at(0)).Connected());
  http::ServerOptions options;
  options.listen_addresses = {address};
  CHECK(Server::Start(std::move(options), [](const Request&) { return Response(); }).has_value());
}
