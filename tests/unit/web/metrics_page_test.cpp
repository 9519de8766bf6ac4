#include "exporter/web/metrics_page.h"

#include <curl/curl.h>
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "answer_of.h"
#include "exporter/web/routes.h"
#include "http/server.h"
#include "tests/metrics_fixture.h"

using exporter::ExpositionCache;
using exporter::HttpRequestCounters;
using exporter::Routes;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

namespace {

// A rendering that has begun waits while the gate is closed.
class Gate {
 public:
  void Close() { open_ = false; }
  void Open() { open_ = true; }
  // So many, the one that waits included.
  void LetPass(int renderings) { passes_ += renderings; }
  void Pass() {
    ++renderings_;
    while (!open_ && passes_ == 0) std::this_thread::yield();
    if (!open_) --passes_;
    if (broken) throw std::runtime_error("no memory");
  }
  [[nodiscard]] int Renderings() const { return renderings_; }
  std::atomic<bool> broken = false;

 private:
  std::atomic<bool> open_ = true;
  std::atomic<int> passes_ = 0;  // taken by one thread
  std::atomic<int> renderings_ = 0;
};

struct Fixture {
  explicit Fixture(std::size_t queue_limit = 32) : worker(queue_limit) {}
  ~Fixture() {
    gate.Open();
    worker.Stop();
  }
  Fixture(const Fixture&) = delete;
  Fixture& operator=(const Fixture&) = delete;
  Fixture(Fixture&&) = delete;
  Fixture& operator=(Fixture&&) = delete;

  http::Reply Ask(const std::string& accept_encoding = "", const std::string& query = "") {
    http::Request request{.method = "GET", .path = "/metrics", .query = query, .headers = {}};
    if (!accept_encoding.empty()) request.headers.emplace_back("Accept-Encoding", accept_encoding);
    return routes.Handle(request);
  }

  // How often /metrics was answered with this status.
  [[nodiscard]] std::uint64_t Counted(int status) const {
    for (const auto& count : counters.Get()) {
      if (count.code == status && count.handler == "/metrics") return count.requests;
    }
    return 0;
  }

  Gate gate;
  std::atomic<seconds> passed{seconds(0)};
  scrape::SnapshotStore store;
  HttpRequestCounters counters;
  ExpositionCache cache{store,
                        counters,
                        {},
                        {[this] {
                           gate.Pass();
                           return test::kNow;
                         },
                         [this] { return test::kSteadyNow + passed.load(); }}};
  http::Worker worker;
  Routes routes{{}, cache, counters, store, worker, [] { return true; }};
};

std::unique_ptr<http::Server> Serve(Routes& routes) {
  http::ServerOptions options;
  options.listen_addresses = {"127.0.0.1:0"};
  auto server = http::Server::Start(std::move(options), [&routes](const http::Request& request) {
    return routes.Handle(request);
  });
  REQUIRE(server);
  return std::move(*server);
}

std::size_t Discard(char* /*bytes*/, std::size_t size, std::size_t count, void* /*nobody*/) {
  return size * count;
}

// The status; 0: no answer within 10 s, or within 100 s when it is `patient`.
long Get(std::uint16_t port, const char* path, bool patient = false) {
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> easy(curl_easy_init(),
                                                                 &curl_easy_cleanup);
  const std::string url = "http://127.0.0.1:" + std::to_string(port) + path;
  curl_easy_setopt(easy.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy.get(), CURLOPT_PROXY, "");
  curl_easy_setopt(easy.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy.get(), CURLOPT_ACCEPT_ENCODING, patient ? "gzip" : nullptr);
  curl_easy_setopt(easy.get(), CURLOPT_TIMEOUT_MS, patient ? 100'000L : 10'000L);
  curl_easy_setopt(easy.get(), CURLOPT_WRITEFUNCTION, &Discard);
  long status = 0;
  if (curl_easy_perform(easy.get()) == CURLE_OK) {
    curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
  }
  return status;
}

}  // namespace

TEST_CASE("a body of this second is given at once, another one by the worker") {
  Fixture f;
  CHECK(std::holds_alternative<http::Deferred>(f.Ask()));
  CHECK(test::AnswerOf(f.Ask()).status == 200);
  CHECK(std::holds_alternative<http::Response>(f.Ask()));
  CHECK(std::holds_alternative<http::Deferred>(f.Ask("gzip")));
  f.passed = seconds(1);
  CHECK(std::holds_alternative<http::Deferred>(f.Ask()));
}

TEST_CASE("scrapers that come while a body is made share it") {
  Fixture f;
  f.gate.Close();
  std::vector<std::future<http::Response>> answers;
  for (int i = 0; i < 100; ++i) answers.push_back(test::FutureAnswer(f.Ask()));
  std::future<http::Response> compressed = test::FutureAnswer(f.Ask("gzip"));
  CHECK(f.Counted(200) == 0);
  f.gate.Open();
  const http::Response first = answers.front().get();
  for (std::size_t i = 1; i < answers.size(); ++i) CHECK(answers[i].get().body == first.body);
  CHECK(compressed.get().body != first.body);
  CHECK(f.gate.Renderings() == 2);
  CHECK(f.Counted(200) == 101);
}

TEST_CASE("a full queue is 503 with a hint when to come again, but for the whole") {
  Fixture f(0);
  const http::Response refused = test::AnswerOf(f.Ask("", "collector=limits"));
  CHECK(refused.status == 503);
  CHECK(std::find(refused.headers.begin(), refused.headers.end(),
                  std::pair<std::string, std::string>("Retry-After", "1")) !=
        refused.headers.end());
  CHECK(f.Counted(503) == 1);
  CHECK(test::AnswerOf(f.Ask()).status == 200);
}

TEST_CASE("who asks for parts without end does not keep scrapers waiting") {
  Fixture f(10);
  f.gate.Close();
  std::vector<std::future<http::Response>> parts;
  for (int i = 0; i < 10; ++i) parts.push_back(test::FutureAnswer(f.Ask("", "collector=limits")));
  while (f.gate.Renderings() == 0) std::this_thread::yield();  // of the first one
  parts.push_back(test::FutureAnswer(f.Ask("", "collector=limits")));
  CHECK(test::AnswerOf(f.Ask("", "collector=limits")).status == 503);
  std::future<http::Response> whole = test::FutureAnswer(f.Ask());
  std::future<http::Response> compressed = test::FutureAnswer(f.Ask("gzip"));
  f.gate.LetPass(3);
  CHECK(whole.get().status == 200);
  CHECK(compressed.get().status == 200);
  f.gate.Open();
  for (auto& part : parts) CHECK(part.get().status == 200);
}

TEST_CASE("a body that could not be made is 500, and the next one is tried anew") {
  Fixture f;
  f.gate.broken = true;
  CHECK(test::AnswerOf(f.Ask()).status == 500);
  CHECK(f.Counted(500) == 1);
  f.gate.broken = false;
  CHECK(test::AnswerOf(f.Ask()).status == 200);
}

TEST_CASE("health is answered while a body is being made") {
  Fixture f;
  f.gate.Close();
  const auto server = Serve(f.routes);
  std::thread scraper([&] { CHECK(Get(server->Ports().front(), "/metrics", true) == 200); });
  while (f.gate.Renderings() == 0) std::this_thread::yield();
  CHECK(Get(server->Ports().front(), "/-/healthy") == 200);
  CHECK(Get(server->Ports().front(), "/-/ready") == 503);
  f.gate.Open();
  scraper.join();
}

TEST_CASE("stopping while a body is being made ends, the scraper gets 503") {
  Fixture f;
  f.gate.Close();
  const auto server = Serve(f.routes);
  long status = 0;
  std::thread scraper([&] { status = Get(server->Ports().front(), "/metrics", true); });
  while (f.gate.Renderings() == 0) std::this_thread::yield();
  server->Stop();
  scraper.join();
  CHECK(status == 503);
}

TEST_CASE("bodies of 10,000 keys, one after the other for several scrapers, do not delay health") {
  Fixture f;
  auto snapshot = std::make_shared<scrape::Snapshot>();
  const auto key = test::FullKey("key");
  for (int i = 0; i < 10'000; ++i) snapshot->keys.push_back(key);
  f.store.Publish(std::move(snapshot));
  const auto server = Serve(f.routes);
  const std::uint16_t port = server->Ports().front();
  const auto begin = Clock::now();
  CHECK(Get(port, "/metrics", true) == 200);
  const auto rendering = Clock::now() - begin;

  std::atomic<bool> stop = false;
  std::vector<std::thread> scrapers;
  for (int i = 0; i < 3; ++i) {
    scrapers.emplace_back([&] {
      while (!stop) {
        f.passed = f.passed.load() + seconds(1);
        CHECK(Get(port, "/metrics", true) == 200);
      }
    });
  }
  std::vector<Clock::duration> times;
  for (int i = 0; i < 5; ++i) {
    const int before = f.gate.Renderings();
    while (f.gate.Renderings() == before) std::this_thread::yield();  // one has just begun
    const auto start = Clock::now();
    CHECK(Get(port, "/-/healthy") == 200);
    times.push_back(Clock::now() - start);
  }
  stop = true;
  for (std::thread& scraper : scrapers) scraper.join();
  std::sort(times.begin(), times.end());
  const auto median = times[times.size() / 2];
  MESSAGE("health took ", std::chrono::duration_cast<std::chrono::microseconds>(median).count(),
          " us, a rendering ", std::chrono::duration_cast<milliseconds>(rendering).count(), " ms");
  CHECK(median < rendering / 4);
}
