// Both servers together, and what changes while they run.

#include "exporter/web/front.h"

#include <curl/curl.h>
#include <doctest/doctest.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/certificates.h"
#include "tests/raw_client.h"
#include "tests/unit/http/tls_client.h"

using exporter::Front;
using exporter::HttpRequestCounters;
using exporter::WebConfig;

namespace {

constexpr const char* kAliceHash = "$2y$04$abcdefghijklmnopqrstuu/LVz6MZlItEy42I2juLihZ66HnQx/cy";
constexpr const char* kGet = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
// alice:open sesame
constexpr const char* kGetAsAlice =
    "GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Basic YWxpY2U6b3BlbiBzZXNhbWU=\r\n\r\n";

std::uint16_t PortOf(const std::string& address) {
  return static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
}

http::Response Text(const char* text) {
  http::Response response;
  response.body = std::make_shared<const std::string>(text);
  return response;
}

struct Fixture {
  HttpRequestCounters counters;
  std::unique_ptr<Front> front;

  tl::expected<std::unique_ptr<Front>, std::string> Try(const WebConfig& config,
                                                        std::string probe_address) {
    return Front::Start(
        {.listen_addresses = {"127.0.0.1:0"},
         .max_connections = 512,
         .probe_listen_address = std::move(probe_address),
         .on_problem = {}},
        config, [](const http::Request&) { return Text("page"); },
        [](const http::Request&) { return Text("probe"); }, counters);
  }

  void Start(const WebConfig& config, const std::string& probe_address = "127.0.0.1:0") {
    auto started = Try(config, probe_address);
    REQUIRE_MESSAGE(started, started.error());
    front = std::move(*started);
  }

  [[nodiscard]] std::uint16_t Port() const { return PortOf(front->Addresses().at(0)); }
  [[nodiscard]] std::uint16_t ProbePort() const { return PortOf(front->ProbeAddresses().at(0)); }
  [[nodiscard]] Fetched GetTrusting(const test::Authority& authority) const {
    return GetOverTls(Port(), "/", {.trusted = authority.Certificate()});
  }
};

WebConfig WithUsers() {
  WebConfig config;
  config.users = {{"alice", kAliceHash}};
  return config;
}

WebConfig WithTls(const http::TlsSettings& tls) {
  WebConfig config;
  config.tls = tls;
  return config;
}

}  // namespace

TEST_CASE("the pages ask for a password, the health paths do not") {
  Fixture f;
  f.Start(WithUsers());
  CHECK(StatusOf(Get(f.Port(), "/")) == 401);
  CHECK(BodyOf(Get(f.ProbePort(), "/")) == "probe");
  RawClient client(f.Port());
  client.Send(kGetAsAlice);
  CHECK(BodyOf(client.Receive()) == "page");
}

TEST_CASE("without an address there is no second server") {
  Fixture f;
  f.Start({}, "");
  CHECK(f.front->ProbeAddresses().empty());
  CHECK(BodyOf(Get(f.Port(), "/")) == "page");
}

TEST_CASE("the second server has neither TLS nor headers of the first") {
  const test::Authority authority;
  Fixture f;
  WebConfig config = WithTls(authority.Issue());
  config.headers = {{"X-Frame-Options", "deny"}};
  f.Start(config);
  CHECK(f.GetTrusting(authority).body == "page");
  const std::string answer = Get(f.ProbePort(), "/");
  CHECK(BodyOf(answer) == "probe");
  CHECK(answer.find("X-Frame-Options") == std::string::npos);
}

TEST_CASE("users and headers change on a connection that stays open") {
  Fixture f;
  f.Start({});
  RawClient client(f.Port());
  const auto ask = [&client](const char* request) {
    REQUIRE(client.Send(request));
    return client.Receive();
  };
  CHECK(StatusOf(ask(kGet)) == 200);
  WebConfig config = WithUsers();
  config.headers = {{"X-Frame-Options", "deny"}};
  REQUIRE(f.front->Apply(config));
  const std::string refused = ask(kGet);
  CHECK(StatusOf(refused) == 401);
  CHECK(refused.find("X-Frame-Options: deny\r\n") != std::string::npos);
  CHECK(StatusOf(ask(kGetAsAlice)) == 200);
  REQUIRE(f.front->Apply({}));
  const std::string open = ask(kGet);
  CHECK(StatusOf(open) == 200);
  CHECK(open.find("X-Frame-Options") == std::string::npos);
}

TEST_CASE("a new certificate is shown to the next connection") {
  const test::Authority first;
  const test::Authority second;
  Fixture f;
  f.Start(WithTls(first.Issue()));
  CHECK(f.GetTrusting(first).code == CURLE_OK);
  CHECK(f.GetTrusting(second).code != CURLE_OK);
  REQUIRE(f.front->Apply(WithTls(second.Issue())));
  CHECK(f.GetTrusting(first).code != CURLE_OK);
  CHECK(f.GetTrusting(second).code == CURLE_OK);
}

TEST_CASE("what cannot be applied is refused as a whole") {
  const test::Authority authority;
  Fixture plain;
  plain.Start({});
  WebConfig config = WithTls(authority.Issue());
  config.users = WithUsers().users;
  auto applied = plain.front->Apply(config);
  REQUIRE_FALSE(applied);
  CHECK(applied.error() == "TLS cannot be switched on while it runs: restart for it");
  CHECK(StatusOf(Get(plain.Port(), "/")) == 200);

  Fixture tls;
  tls.Start(WithTls(authority.Issue()));
  applied = tls.front->Apply(WithUsers());
  REQUIRE_FALSE(applied);
  CHECK(applied.error() == "TLS cannot be switched off while it runs: restart for it");
  http::TlsSettings mixed = authority.Issue();
  mixed.private_key = authority.Issue().private_key;
  config.tls = mixed;
  applied = tls.front->Apply(config);
  REQUIRE_FALSE(applied);
  CHECK(applied.error() == "TLS: the private key does not belong to the certificate");
  CHECK(tls.GetTrusting(authority).body == "page");
}

TEST_CASE("it starts with both servers or not at all") {
  Fixture f;
  f.Start({});
  const auto taken = f.front->ProbeAddresses().at(0);
  Fixture other;
  const auto started = other.Try({}, taken);
  REQUIRE_FALSE(started);
  CHECK(started.error().find(taken) != std::string::npos);
}

TEST_CASE("after Stop neither answers") {
  Fixture f;
  f.Start({});
  const std::uint16_t port = f.Port();
  const std::uint16_t probe_port = f.ProbePort();
  CHECK(f.front->Stop());
  CHECK_FALSE(RawClient(port).Connected());
  CHECK_FALSE(RawClient(probe_port).Connected());
}

TEST_CASE("users change under load: every request gets a whole answer on a connection that stays") {
  Fixture f;
  f.Start(WithUsers());
  WebConfig others = WithUsers();
  others.users["bob"] = kAliceHash;
  others.headers = {{"X-Frame-Options", "deny"}};
  std::atomic<bool> stop = false;
  std::atomic<int> answers = 0;
  std::vector<std::thread> clients;
  for (int i = 0; i < 4; ++i) {
    clients.emplace_back([&, i] {
      RawClient client(f.Port());
      while (!stop) {
        CHECK(client.Send(i % 2 == 0 ? kGetAsAlice : kGet));
        const int status = StatusOf(client.Receive());
        // 503: the users were replaced while the password was computed.
        const bool expected = i % 2 == 0 ? status == 200 || status == 503 : status == 401;
        CHECK_MESSAGE(expected, status);
        ++answers;
      }
    });
  }
  for (int i = 0; i < 200; ++i) {
    CHECK(f.front->Apply(i % 2 == 0 ? others : WithUsers()));
    const int before = answers;
    while (answers < before + 2) std::this_thread::yield();
  }
  stop = true;
  for (std::thread& client : clients) client.join();
}
