// The client against a peer that ends every connection without an answer to its second request.
#include "scrape/client/client.h"

#include <doctest/doctest.h>

#include <chrono>
#include <optional>
#include <string>

#include "simulator/raw_peer.h"

using scrape::Client;
using scrape::Completion;
using simulator::RawPeer;
using Kind = simulator::PeerStep::Kind;

namespace {

constexpr auto kTimeout = std::chrono::seconds(20);

// Whoever is asked again on the same connection may have done what he was asked before he went.
simulator::PeerScript AnswersOnce() {
  return {{.kind = Kind::kReadRequest},
          {.kind = Kind::kSend, .bytes = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"},
          {.kind = Kind::kReadRequest}};
}

class Rig {
 public:
  [[nodiscard]] Completion Ask(bool may_repeat) {
    client_.Start({}, {.url = peer_.BaseUrl() + "/apikey/",
                       .apikey = secret_,
                       .timeout = kTimeout,
                       .connection = scrape::DefaultConnection(),
                       .may_repeat = may_repeat});
    const auto deadline = std::chrono::steady_clock::now() + 2 * kTimeout;
    while (std::chrono::steady_clock::now() < deadline) {
      auto completions = client_.Poll(std::chrono::milliseconds(100));
      if (!completions.empty()) return std::move(completions.front());
    }
    throw std::runtime_error("no completion");
  }
  [[nodiscard]] std::size_t Received() const { return peer_.Requests().size(); }

 private:
  RawPeer peer_{AnswersOnce()};
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
