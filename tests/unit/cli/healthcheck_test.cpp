#include "exporter/cli/healthcheck.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <sstream>
#include <string>
#include <thread>

namespace {

// Answers the first connection with fixed bytes.
class OneAnswer {
 public:
  explicit OneAnswer(std::string answer) : listener_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);  // as the socket interface wants it
    REQUIRE(bind(listener_, any, size) == 0);
    REQUIRE(listen(listener_, 1) == 0);
    REQUIRE(getsockname(listener_, any, &size) == 0);
    url_ = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/-/healthy";
    thread_ = std::jthread([this, text = std::move(answer)] {
      const int connection = accept(listener_, nullptr, nullptr);
      if (connection < 0) return;
      std::array<char, 4096> request{};
      const ssize_t length = read(connection, request.data(), request.size());
      request_.assign(request.data(), static_cast<std::size_t>(std::max<ssize_t>(length, 0)));
      (void)send(connection, text.data(), text.size(), MSG_NOSIGNAL);
      close(connection);
    });
  }
  ~OneAnswer() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }
  OneAnswer(const OneAnswer&) = delete;
  OneAnswer& operator=(const OneAnswer&) = delete;
  OneAnswer(OneAnswer&&) = delete;
  OneAnswer& operator=(OneAnswer&&) = delete;

  [[nodiscard]] const std::string& url() const { return url_; }

 private:
  int listener_;
  std::string url_;
  std::string request_;
  std::jthread thread_;
};

std::string ErrorAfter(const std::string& answer, int expected_code) {
  const OneAnswer server(answer);
  std::ostringstream err;
  CHECK(exporter::RunHealthcheck(server.url(), err) == expected_code);
  return err.str();
}

}  // namespace

TEST_CASE("an answer of 200 is healthy, silently") {
  CHECK(ErrorAfter("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n", 0).empty());
}

TEST_CASE("any other answer is not") {
  CHECK(ErrorAfter("HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n", 1) ==
        "mdcloud_exporter: not healthy: HTTP status 503\n");
  CHECK(ErrorAfter("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n"
                   "Content-Length: 0\r\n\r\n",
                   1) == "mdcloud_exporter: not healthy: HTTP status 302\n");
  CHECK(ErrorAfter("nonsense", 1).starts_with("mdcloud_exporter: not healthy: "));
}

TEST_CASE("nobody there is one line and exit code 1") {
  std::string url;
  { url = OneAnswer("").url(); }
  std::ostringstream err;
  CHECK(exporter::RunHealthcheck(url, err) == 1);
  CHECK(err.str().starts_with("mdcloud_exporter: not healthy: Failed to connect to 127.0.0.1"));
  CHECK(err.str().find('\n') == err.str().size() - 1);
}

TEST_CASE("only http and https are asked") {
  for (const char* url : {"file:///etc/passwd", "not a url", "gopher://127.0.0.1/"}) {
    std::ostringstream err;
    CHECK(exporter::RunHealthcheck(url, err) == 1);
  }
}
