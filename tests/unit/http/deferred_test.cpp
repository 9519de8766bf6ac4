// Requests that another thread answers.

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "http/server.h"
#include "tests/certificates.h"
#include "tests/raw_client.h"
#include "tls_client.h"

using http::Deferred;
using http::Reply;
using http::Request;
using http::Responder;
using http::Response;
using http::Server;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

namespace {

constexpr std::string_view kRequest = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

Response Text(std::string text, int status = 200) {
  Response response;
  response.status = status;
  response.body = std::make_shared<const std::string>(std::move(text));
  return response;
}

// Keeps the responders of all requests but those for "/now".
class Desk {
 public:
  explicit Desk(unsigned max_connections = 512) {
    http::ServerOptions options;
    options.max_connections = max_connections;
    Start(std::move(options));
  }
  explicit Desk(http::ServerOptions options) { Start(std::move(options)); }

  // Waits until so many are suspended.
  std::vector<Responder> Take(std::size_t count) {
    const auto deadline = Clock::now() + seconds(10);
    std::vector<Responder> taken;
    while (taken.size() < count && Clock::now() < deadline) {
      const std::lock_guard lock(mutex_);
      for (; !waiting_.empty() && taken.size() < count; waiting_.pop_back()) {
        taken.push_back(waiting_.back());
      }
    }
    REQUIRE(taken.size() == count);
    return taken;
  }

  [[nodiscard]] std::uint16_t Port() const { return server_->Ports().front(); }
  void Stop() { server_.reset(); }

 private:
  void Start(http::ServerOptions options) {
    options.listen_addresses = {"127.0.0.1:0"};
    auto server = Server::Start(std::move(options), [this](const Request& request) -> Reply {
      if (request.path == "/now") return Text("now");
      return Deferred{[this](Responder responder) {
        const std::lock_guard lock(mutex_);
        waiting_.push_back(std::move(responder));
      }};
    });
    REQUIRE(server);
    server_ = std::move(*server);
  }

  std::mutex mutex_;
  std::vector<Responder> waiting_;
  std::unique_ptr<Server> server_;
};

std::unique_ptr<Server> Serve(http::Handler handler, http::ServerOptions options = {}) {
  options.listen_addresses = {"127.0.0.1:0"};
  auto server = Server::Start(std::move(options), std::move(handler));
  REQUIRE(server);
  return std::move(*server);
}

}  // namespace

TEST_CASE("another thread answers, at once, and the connection goes on") {
  Desk desk;
  RawClient client(desk.Port());
  const auto start = Clock::now();
  for (int i = 0; i < 50; ++i) {
    client.Send(kRequest);
    std::thread([&desk, i] { desk.Take(1).front().Answer(Text(std::to_string(i))); }).join();
    REQUIRE(BodyOf(client.Receive()) == std::to_string(i));
  }
  // An event loop that is not woken looks once a second.
  CHECK(Clock::now() - start < seconds(10));
}

TEST_CASE("suspended requests delay nobody, and are answered in any order") {
  Desk desk;
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 100; ++i) {
    clients.push_back(std::make_unique<RawClient>(desk.Port()));
    clients.back()->Send(kRequest);
  }
  std::vector<Responder> responders = desk.Take(100);
  CHECK(BodyOf(Get(desk.Port(), "/now")) == "now");
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < 4; ++i) {
    threads.emplace_back([&responders, i] {
      for (std::size_t k = i; k < responders.size(); k += 4) responders[k].Answer(Text("late"));
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const auto& client : clients) CHECK(BodyOf(client->Receive()) == "late");
}

TEST_CASE("pipelined requests wait for the one before them") {
  Desk desk;
  RawClient client(desk.Port());
  client.Send(std::string(kRequest) + "GET /now HTTP/1.1\r\nHost: a\r\n\r\n");
  desk.Take(1).front().Answer(Text("first"));
  CHECK(BodyOf(client.Receive()) == "first");
  CHECK(BodyOf(client.Receive()) == "now");
}

TEST_CASE("a request may be answered before it is let go, later than asked, twice or never") {
  std::mutex mutex;
  std::vector<std::string> problems;
  http::ServerOptions options;
  options.on_problem = [&](std::string_view line) {
    const std::lock_guard lock(mutex);
    problems.emplace_back(line);
  };
  const auto server = Serve(
      [](const Request& request) -> Reply {
        if (request.path == "/empty") return Deferred{};
        return Deferred{[path = request.path](const Responder& responder) {
          if (path == "/never") return;
          if (path == "/throw") throw std::runtime_error("broken");
          Response response = Text(path);
          if (path == "/delay") response.delay = milliseconds(100);
          if (path == "/none") response.ending = Response::Ending::kNoAnswer;
          responder.Answer(std::move(response));
          if (path == "/twice") responder.Answer(Text("again"));
        }};
      },
      std::move(options));
  const std::uint16_t port = server->Ports().front();
  CHECK(BodyOf(Get(port, "/at-once")) == "/at-once");
  CHECK(BodyOf(Get(port, "/twice")) == "/twice");
  const auto start = Clock::now();
  CHECK(BodyOf(Get(port, "/delay")) == "/delay");
  CHECK(Clock::now() - start >= milliseconds(100));
  CHECK(Get(port, "/none").empty());
  CHECK(StatusOf(Get(port, "/never")) == 500);
  CHECK(StatusOf(Get(port, "/throw")) == 500);
  CHECK(StatusOf(Get(port, "/empty")) == 500);
  server->Stop();
  CHECK(problems == std::vector<std::string>{"an HTTP request failed: broken",
                                             "an HTTP request failed: bad_function_call"});
}

TEST_CASE("the last handle that goes away unanswered answers 500") {
  Desk desk;
  RawClient client(desk.Port());
  client.Send(kRequest);
  std::optional<Responder> copy;
  {
    const std::vector<Responder> responders = desk.Take(1);
    copy = responders.front();
  }
  CHECK(BodyOf(Get(desk.Port(), "/now")) == "now");
  copy.reset();
  CHECK(StatusOf(client.Receive()) == 500);
}

TEST_CASE("one responder wraps another") {
  const auto server = Serve([](const Request&) -> Reply {
    return Deferred{[](const Responder& outer) {
      const Responder inner([outer](Response response) {
        response.headers.emplace_back("X-Wrapped", std::to_string(response.status));
        outer.Answer(std::move(response));
      });
      inner.Answer(Text("inner", 201));
    }};
  });
  const std::string answer = Get(server->Ports().front(), "/");
  CHECK(StatusOf(answer) == 201);
  CHECK(answer.find("X-Wrapped: 201\r\n") != std::string::npos);
}

TEST_CASE("a client that goes away while its request is suspended frees its connection") {
  Desk desk(4);
  std::vector<Responder> responders;
  {
    std::vector<std::unique_ptr<RawClient>> clients;
    for (int i = 0; i < 4; ++i) {
      clients.push_back(std::make_unique<RawClient>(desk.Port()));
      clients.back()->Send(kRequest);
    }
    responders = desk.Take(4);
  }
  // At the limit a suspended request is not sent away: this waits until the four are gone.
  CHECK(BodyOf(Get(desk.Port(), "/now")) == "now");
  RawClient next(desk.Port());
  next.Send(kRequest);
  const std::vector<Responder> of_next = desk.Take(1);
  for (const Responder& gone : responders) gone.Answer(Text("too late"));
  of_next.front().Answer(Text("in time"));
  CHECK(BodyOf(next.Receive()) == "in time");
}

TEST_CASE("stopping answers suspended requests with 503; answers after it are harmless") {
  Desk desk;
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 50; ++i) {
    clients.push_back(std::make_unique<RawClient>(desk.Port()));
    clients.back()->Send(kRequest);
  }
  std::vector<Responder> responders = desk.Take(50);
  const auto start = Clock::now();
  desk.Stop();
  CHECK(Clock::now() - start < seconds(10));
  for (const auto& client : clients) CHECK(StatusOf(client->ReceiveAll()) == 503);
  responders.front().Answer(Text("after the end"));
  responders.clear();
}

TEST_CASE("an answer that was given before the stop is sent") {
  Desk desk;
  RawClient client(desk.Port());
  client.Send(kRequest);
  desk.Take(1).front().Answer(Text("just in time"));
  desk.Stop();
  CHECK(BodyOf(client.ReceiveAll()) == "just in time");
}

TEST_CASE("stopping while threads answer and clients come and go ends, again and again") {
  for (int round = 0; round < 5; ++round) {
    std::atomic<bool> stop = false;
    std::mutex mutex;
    std::vector<Responder> waiting;
    const auto server = Serve([&](const Request&) -> Reply {
      return Deferred{[&](Responder responder) {
        const std::lock_guard lock(mutex);
        waiting.push_back(std::move(responder));
      }};
    });
    const std::uint16_t port = server->Ports().front();
    std::atomic<int> answered = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 2; ++i) {
      threads.emplace_back([&] {
        while (!stop) {
          std::vector<Responder> taken;
          {
            const std::lock_guard lock(mutex);
            taken.swap(waiting);
          }
          for (const Responder& responder : taken) responder.Answer(Text("fine"));
          std::this_thread::yield();
        }
      });
      threads.emplace_back([&, i] {
        while (!stop) {
          RawClient client(port);
          client.Send(kRequest);
          if (i == 0 && StatusOf(client.Receive()) == 200) ++answered;
        }
      });
    }
    const auto deadline = Clock::now() + seconds(10);
    while (answered < 20 && Clock::now() < deadline) std::this_thread::yield();
    CHECK(answered >= 20);
    const auto start = Clock::now();
    server->Stop();
    CHECK(Clock::now() - start < seconds(10));
    stop = true;
    for (std::thread& thread : threads) thread.join();
  }
}

TEST_CASE("over TLS, too") {
  const test::Authority authority;
  http::ServerOptions options;
  options.tls = *http::TlsCredentials::Create(authority.Issue());
  Desk desk(std::move(options));
  std::thread worker([&desk] { desk.Take(1).front().Answer(Text("late")); });
  CHECK(GetOverTls(desk.Port(), "/", {.trusted = authority.Certificate()}).body == "late");
  worker.join();
}
