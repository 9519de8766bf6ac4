// The client against peers that answer so many requests of a connection, and no more.
#include "scrape/client/client.h"

#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "simulator/raw_peer.h"

using scrape::Client;
using scrape::Completion;
using scrape::Connection;
using simulator::RawPeer;
using Kind = simulator::PeerStep::Kind;

namespace {

constexpr auto kTimeout = std::chrono::seconds(20);

// Whoever is asked again on the same connection may have done what he was asked before he went.
simulator::PeerScript Answers(int times) {
  simulator::PeerScript script;
  for (int i = 0; i < times; ++i) {
    script.push_back({.kind = Kind::kReadRequest});
    script.push_back(
        {.kind = Kind::kSend, .bytes = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"});
  }
  script.push_back({.kind = Kind::kReadRequest});
  return script;
}

class Rig {
 public:
  explicit Rig(int answers = 1) : peer_(Answers(answers)) {}

  [[nodiscard]] Completion Ask(
      bool may_repeat,
      const std::shared_ptr<const Connection>& connection = scrape::DefaultConnection()) {
    client_.Start({}, {.url = peer_.BaseUrl() + "/apikey/",
                       .apikey = secret_,
                       .timeout = kTimeout,
                       .connection = connection,
                       .may_repeat = may_repeat});
    const auto deadline = std::chrono::steady_clock::now() + 2 * kTimeout;
    while (std::chrono::steady_clock::now() < deadline) {
      auto completions = client_.Poll(std::chrono::milliseconds(100));
      if (!completions.empty()) return std::move(completions.front());
    }
    throw std::runtime_error("no completion");
  }
  [[nodiscard]] std::size_t Received() const { return peer_.Requests().size(); }
  [[nodiscard]] const RawPeer& Peer() const { return peer_; }

 private:
  RawPeer peer_;
  const scrape::Secret secret_{"0123456789abcdef0123456789abcdef"};
  Client client_{"unit-test/1", 4};
};

}  // namespace

TEST_CASE("a request that a reused connection swallowed is repeated, and counted") {
  Rig rig;
  CHECK(rig.Ask(true).requests == 1);
  const Completion repeated = rig.Ask(true);
  CHECK(repeated.answer.has_value());
  CHECK(repeated.requests == 2);
  CHECK(rig.Received() == 3);
}

TEST_CASE("a request that must not be repeated fails instead") {
  Rig rig;
  CHECK(rig.Ask(false).answer.has_value());
  const Completion failed = rig.Ask(false);
  REQUIRE_FALSE(failed.answer.has_value());
  CHECK(failed.answer.error().reason == scrape::Reason::kTransport);
  CHECK(failed.answer.error().detail == "the connection ended without an answer");
  CHECK(failed.requests == 1);
  CHECK(rig.Received() == 2);
  CHECK(rig.Ask(false).answer.has_value());
}

// Every reload makes equal ones anew, and the old ones go.
TEST_CASE("an equal connection goes on with what is open, though the first one is gone") {
  Rig rig(3);
  const auto make = [] {
    auto made = std::make_shared<Connection>();
    made->server_name = "a-name-that-is-on-the-heap.example.com";
    return std::shared_ptr<const Connection>(std::move(made));
  };
  auto connection = make();
  CHECK(rig.Ask(true, connection).answer.has_value());
  for (int i = 0; i < 2; ++i) {
    connection = make();  // before the other one is freed: not at its place
    CHECK(rig.Ask(true, connection).answer.has_value());
  }
  CHECK(rig.Peer().Connections() == 1);
  for (const std::string& request : rig.Peer().Requests()) {
    CHECK(request.find("Host: a-name-that-is-on-the-heap.example.com:") != std::string::npos);
  }
}
