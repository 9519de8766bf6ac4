#include <doctest/doctest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/e2e/exporter_run.h"

using test::ExporterRun;
using test::Fetch;
using test::Fetched;

namespace {

// A client that has sent half a request and waits.
class HalfOpenClient {
 public:
  explicit HalfOpenClient(const std::string& port)
      : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(port)));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    const std::string half = "GET /metrics HTTP/1.1\r\nHost: x";
    REQUIRE(send(socket_, half.data(), half.size(), MSG_NOSIGNAL) ==
            static_cast<ssize_t>(half.size()));
  }
  ~HalfOpenClient() { close(socket_); }
  HalfOpenClient(const HalfOpenClient&) = delete;
  HalfOpenClient& operator=(const HalfOpenClient&) = delete;
  HalfOpenClient(HalfOpenClient&&) = delete;
  HalfOpenClient& operator=(HalfOpenClient&&) = delete;

 private:
  int socket_;
};

}  // namespace

TEST_CASE("/metrics: content type, gzip, HEAD, methods, exact paths") {
  simulator::Cloud cloud;
  const auto key = test::AddKey(cloud, "key");
  const ExporterRun run(cloud, {.global = "", .key_options = "", .arguments = {}, .keys = {key}});
  REQUIRE(run.WaitUntilReady());
  const Fetched plain = Fetch(run.Url("/metrics"));
  CHECK(plain.headers.at("content-type") == "text/plain; version=0.0.4; charset=utf-8");
  CHECK(plain.headers.at("vary") == "Accept, Accept-Encoding");
  CHECK(plain.headers.at("x-content-type-options") == "nosniff");
  CHECK(plain.headers.at("content-length") == std::to_string(plain.body.size()));
  const Fetched gzip =
      Fetch(run.Url("/metrics"), {.method = "GET", .headers = {}, .decompress = true});
  CHECK(gzip.headers.at("content-encoding") == "gzip");
  CHECK(test::CheckExposition(gzip.body).problems.empty());
  const Fetched head = Fetch(run.Url("/metrics"), {.method = "HEAD", .headers = {}});
  CHECK(head.status == 200);
  CHECK(head.body.empty());
  const Fetched post = Fetch(run.Url("/metrics"), {.method = "POST", .headers = {}});
  CHECK(post.status == 405);
  CHECK(post.headers.at("allow") == "GET, HEAD");
  for (const char* path :
       {"/metrics/", "/metricsfoo", "/metrics/..", "//metrics", "/-/quit", "/favicon.ico"}) {
    CAPTURE(path);
    CHECK(Fetch(run.Url(path)).status == 404);
  }
  CHECK(Fetch(run.Url("/metrics?x=y")).status == 200);
  CHECK(Fetch(run.Url("/")).headers.at("content-type") == "text/html; charset=utf-8");
}

TEST_CASE("half-open clients delay nobody") {
  simulator::Cloud cloud;
  const auto key = test::AddKey(cloud, "key");
  const ExporterRun run(cloud, {.global = "", .key_options = "", .arguments = {}, .keys = {key}});
  REQUIRE(run.WaitUntilReady());
  std::vector<std::unique_ptr<HalfOpenClient>> clients;
  for (int i = 0; i < 100; ++i) clients.push_back(std::make_unique<HalfOpenClient>(run.port()));
  for (int i = 0; i < 5; ++i) {
    const Fetched answer = Fetch(run.Url("/-/healthy"));
    CHECK(answer.status == 200);
    CHECK(answer.seconds <
          5);  // 0.5 s would do; the request deadline that frees the others is 10 s
  }
}

TEST_CASE("IPv4 and IPv6 are served on the same port, several addresses at once") {
  simulator::Cloud cloud;
  const auto key = test::AddKey(cloud, "key");
  ExporterRun run(
      cloud,
      {.global = "", .key_options = "", .arguments = {"--web.listen-address=:0"}, .keys = {key}});
  CHECK(Fetch(run.Url("/-/healthy")).status == 200);
  // The second address is named by its own line.
  CHECK(test::Eventually([&] {
    const std::string log = run.process().Err();
    const std::size_t first = log.find("msg=listening");
    return first != std::string::npos && log.find("msg=listening", first + 1) != std::string::npos;
  }));
  const std::string log = run.process().Err();
  const std::string second = log.substr(log.rfind("address="));
  const std::string port =
      second.substr(second.rfind(':') + 1, second.find('\n') - second.rfind(':') - 1);
  CHECK(Fetch("http://127.0.0.1:" + port + "/-/healthy").status == 200);
  if (second.find("[::]") != std::string::npos) {
    CHECK(Fetch("http://[::1]:" + port + "/-/healthy").status == 200);
  } else {
    MESSAGE("this kernel has no IPv6");
  }
}

TEST_CASE("healthcheck tells a healthy exporter from none") {
  simulator::Cloud cloud;
  const auto key = test::AddKey(cloud, "key");
  const ExporterRun run(cloud, {.global = "", .key_options = "", .arguments = {}, .keys = {key}});
  test::Process good({test::BinaryPath(), "healthcheck", run.Url("/-/healthy")});
  CHECK(good.Wait() == 0);
  test::Process wrong_path({test::BinaryPath(), "healthcheck", run.Url("/nothing")});
  CHECK(wrong_path.Wait() == 1);
  test::Process nobody({test::BinaryPath(), "healthcheck", "http://127.0.0.1:1/-/healthy"});
  CHECK(nobody.Wait() == 1);
}
