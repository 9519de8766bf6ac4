// Who gets to the pages, what the others are told, and the headers of all answers.

#include "exporter/web/guard.h"

#include <doctest/doctest.h>

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

using exporter::Guard;
using exporter::HttpRequestCounters;
using exporter::WebSettings;

namespace {

// Authorization headers of users with a password at the least cost of bcrypt.
constexpr const char* kAliceHash = "$2y$04$abcdefghijklmnopqrstuu/LVz6MZlItEy42I2juLihZ66HnQx/cy";
constexpr const char* kAlice = "Basic YWxpY2U6b3BlbiBzZXNhbWU=";      // alice:open sesame
constexpr const char* kWrong = "Basic YWxpY2U6b3BlbiBzYWxhbWk=";      // alice:open salami
constexpr const char* kAlsoWrong = "Basic bm9ib2R5Om9wZW4gc2VzYW1l";  // nobody:open sesame

std::optional<std::string> HeaderOf(const http::Response& response, const std::string& name) {
  std::optional<std::string> value;
  for (const auto& [header, text] : response.headers) {
    if (header != name) continue;
    CHECK_MESSAGE(!value, "twice: " << name);
    value = text;
  }
  return value;
}

struct Fixture {
  HttpRequestCounters counters;
  std::deque<std::function<void()>> queue;
  std::size_t room = 32;
  std::vector<http::Request> seen;  // by the pages
  Guard guard{[this](const http::Request& request) { return Page(request); },
              [this](std::function<void()> work) {
                if (queue.size() == room) return false;
                queue.push_back(std::move(work));
                return true;
              },
              counters};

  http::Reply Page(const http::Request& request) {
    seen.push_back(request);
    if (request.path == "/throws") throw std::runtime_error("page");
    http::Response response;
    response.status = request.path == "/missing" ? 404 : 200;
    if (request.path == "/strict") {
      response.headers.emplace_back("Content-Security-Policy", "default-src 'none'");
    }
    if (request.path != "/later") return response;
    return http::Deferred{[response](const http::Responder& to) { to.Answer(response); }};
  }

  void RunAll() {
    while (!queue.empty()) {
      const auto work = std::move(queue.front());
      queue.pop_front();
      work();
    }
  }

  // Absent until the answer has come.
  std::shared_ptr<std::optional<http::Response>> Start(const std::string& path,
                                                       const char* authorization = nullptr) {
    http::Request request{
        .method = "GET", .path = path, .query = "a=b", .headers = {{"Accept-Encoding", "gzip"}}};
    if (authorization != nullptr) request.headers.emplace_back("authorization", authorization);
    auto answer = std::make_shared<std::optional<http::Response>>();
    http::Reply reply = guard.Handle(request);
    if (auto* const response = std::get_if<http::Response>(&reply)) {
      *answer = std::move(*response);
    } else {
      std::get<http::Deferred>(reply).start(
          http::Responder([answer](http::Response made) { *answer = std::move(made); }));
    }
    return answer;
  }

  http::Response Ask(const std::string& path, const char* authorization = nullptr) {
    const auto answer = Start(path, authorization);
    RunAll();
    REQUIRE(answer->has_value());
    return **answer;
  }

  void Configure(WebSettings settings) {
    guard.Replace(std::make_shared<const WebSettings>(std::move(settings)));
  }
  void AskForPasswords() { Configure({.headers = {}, .users = {{"alice", kAliceHash}}}); }
};

}  // namespace

TEST_CASE("without users everybody gets to the pages") {
  Fixture f;
  CHECK(f.Ask("/").status == 200);
  CHECK(f.Ask("/missing", kWrong).status == 404);
  CHECK(f.Ask("/later").status == 200);
  CHECK(f.counters.Get().empty());
}

TEST_CASE("with users nobody else does, whatever the path") {
  Fixture f;
  f.AskForPasswords();
  for (const char* path : {"/", "/missing", "/-/healthy", "/later"}) {
    CAPTURE(path);
    for (const char* header : {static_cast<const char*>(nullptr), kWrong, kAlsoWrong, "Basic x"}) {
      const http::Response response = f.Ask(path, header);
      CHECK(response.status == 401);
      CHECK(HeaderOf(response, "WWW-Authenticate") == "Basic");
    }
  }
  CHECK(f.seen.empty());
  CHECK(f.Ask("/", kAlice).status == 200);
  CHECK(f.Ask("/missing", kAlice).status == 404);
  CHECK(f.Ask("/later", kAlice).status == 200);
}

TEST_CASE("who waited for the check gets the same pages, which see the request but no password") {
  Fixture f;
  f.AskForPasswords();
  const auto answer = f.Start("/later", kAlice);
  CHECK_FALSE(answer->has_value());
  CHECK(f.seen.empty());
  f.RunAll();
  REQUIRE(answer->has_value());
  CHECK((*answer)->status == 200);
  REQUIRE(f.seen.size() == 1);
  CHECK(f.seen[0].path == "/later");
  CHECK(f.seen[0].query == "a=b");
  CHECK(f.seen[0].Header("Accept-Encoding") == "gzip");
  CHECK_FALSE(f.seen[0].Header("Authorization"));
}

TEST_CASE("a page that throws after the check is a 500, not the end of the thread") {
  Fixture f;
  f.AskForPasswords();
  CHECK(f.Ask("/throws", kAlice).status == 500);
}

TEST_CASE("too many passwords at once: 503, and when to come again") {
  Fixture f;
  f.AskForPasswords();
  f.room = 0;
  const http::Response response = f.Ask("/", kAlice);
  CHECK(response.status == 503);
  CHECK(HeaderOf(response, "Retry-After") == "5");
  f.room = 1;
  CHECK(f.Ask("/", kAlice).status == 200);
  f.room = 0;
  CHECK(f.Ask("/", kAlice).status == 200);  // known by now
  CHECK(f.Ask("/", kWrong).status == 503);
}

TEST_CASE("refusals are counted apart from the pages") {
  Fixture f;
  f.AskForPasswords();
  (void)f.Ask("/");
  (void)f.Ask("/missing");
  f.room = 0;
  (void)f.Ask("/", kWrong);
  const auto counts = f.counters.Get();
  REQUIRE(counts.size() == 2);
  CHECK(counts[0].handler == "authentication");
  CHECK(counts[0].code == 401);
  CHECK(counts[0].requests == 2);
  CHECK(counts[1].handler == "authentication");
  CHECK(counts[1].code == 503);
}

TEST_CASE("every answer carries the configured headers, which take the place of a page's own") {
  Fixture f;
  f.Configure({.headers = {{"Content-Security-Policy", "default-src *"},
                           {"X-Content-Type-Options", "nosniff"},
                           {"X-Frame-Options", "deny"}},
               .users = {{"alice", kAliceHash}}});
  for (const auto& [path, header, status] :
       std::vector<std::tuple<const char*, const char*, int>>{{"/", nullptr, 401},
                                                              {"/", kWrong, 401},
                                                              {"/", kAlice, 200},
                                                              {"/", kAlice, 200},
                                                              {"/missing", kAlice, 404},
                                                              {"/throws", kAlsoWrong, 401},
                                                              {"/later", kAlice, 200}}) {
    const std::string asked = path;  // clang 14 captures no binding
    CAPTURE(asked);
    const http::Response response = f.Ask(path, header);
    CHECK(response.status == status);
    CHECK(HeaderOf(response, "X-Frame-Options") == "deny");
    CHECK(HeaderOf(response, "Content-Security-Policy") == "default-src *");
    // The server gives it to every answer.
    CHECK_FALSE(HeaderOf(response, "X-Content-Type-Options"));
  }
  CHECK(HeaderOf(f.Ask("/strict", kAlice), "Content-Security-Policy") == "default-src *");
  f.room = 0;
  const http::Response busy = f.Ask("/", "Basic YWxpY2U6eA==");
  CHECK(busy.status == 503);
  CHECK(HeaderOf(busy, "X-Frame-Options") == "deny");
  f.Configure({.headers = {{"X-Frame-Options", "deny"}}, .users = {}});
  CHECK(HeaderOf(f.Ask("/strict"), "Content-Security-Policy") == "default-src 'none'");
}

TEST_CASE("settings change while it serves") {
  Fixture f;
  CHECK(f.Ask("/").status == 200);
  f.AskForPasswords();
  CHECK(f.Ask("/").status == 401);
  CHECK(f.Ask("/", kAlice).status == 200);
  f.Configure({.headers = {{"X-Frame-Options", "deny"}}, .users = {{"bob", kAliceHash}}});
  CHECK(f.Ask("/", kAlice).status == 401);
  CHECK(HeaderOf(f.Ask("/"), "X-Frame-Options") == "deny");
  f.Configure({});
  CHECK(f.Ask("/").status == 200);
  CHECK_FALSE(HeaderOf(f.Ask("/"), "X-Frame-Options"));
}
