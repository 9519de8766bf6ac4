#include "exporter/web/probe_page.h"

#include <doctest/doctest.h>

#include <future>
#include <string>
#include <vector>

#include "answer_of.h"
#include "exporter/web/service_discovery.h"
#include "tests/exposition_checker.h"
#include "tests/metrics_fixture.h"

using namespace std::chrono_literals;
using exporter::ServiceDiscovery;

namespace {

struct Fixture {
  scrape::SnapshotStore store;
  exporter::HttpRequestCounters counters;
  exporter::ExpositionCache cache{
      store, counters, {}, {[] { return test::kNow; }, [] { return test::kSteadyNow; }}};
  http::Worker worker{32};
  std::vector<std::string> asked;
  bool hangs = false;
  std::vector<scrape::ProbeDone> waiting;
  std::shared_ptr<const scrape::KeyState> answer = test::FullKey("a b");
  exporter::ProbePage page{[this](std::string key, auto /*within*/, const scrape::ProbeDone& done) {
                             asked.push_back(std::move(key));
                             if (hangs) {
                               waiting.push_back(done);
                             } else {
                               done(answer);
                             }
                           },
                           cache, store, worker, 600};

  Fixture() {
    auto snapshot = std::make_shared<scrape::Snapshot>();
    snapshot->keys = {test::NewKey("a b"), test::NewKey("c")};
    store.Publish(std::move(snapshot));
  }
  ~Fixture() { worker.Stop(); }
  Fixture(const Fixture&) = delete;
  Fixture& operator=(const Fixture&) = delete;
  Fixture(Fixture&&) = delete;
  Fixture& operator=(Fixture&&) = delete;

  http::Response Ask(const std::string& query) {
    return test::AnswerOf(
        page.Answer({.method = "GET", .path = "/probe", .query = query, .headers = {}}));
  }
};

std::chrono::milliseconds TimeFor(const std::string& header) {
  return exporter::TimeFor({.method = "GET",
                            .path = "/probe",
                            .query = "",
                            .headers = {{"x-prometheus-scrape-timeout-seconds", header}}});
}

std::string Discovered(const scrape::Snapshot& snapshot, const std::string& host,
                       const std::string& external = "") {
  const http::Response response =
      ServiceDiscovery(snapshot, exporter::ParseExternalUrl(external),
                       {.method = "GET", .path = "/sd", .query = "", .headers = {{"Host", host}}});
  return std::to_string(response.status) + ' ' + *response.body;
}

}  // namespace

TEST_CASE("a probe answers with the key as it is found, and with nothing else") {
  Fixture f;
  const auto state = test::FullKey("a b");
  const auto key = test::Configured("a b");
  key->connection = test::WithCertificateUntil(test::kNow);
  state->key = key;
  f.answer = state;
  const http::Response response = f.Ask("key=a%20b");
  CHECK(response.status == 200);
  CHECK(f.asked == std::vector<std::string>{"a b"});
  const test::Exposition exposition = test::CheckExposition(*response.body);
  CHECK(exposition.Problems() == "");
  CHECK(exposition.Value("mdcloud_up", {{"key", "a b"}}) == 1);  // what was published has no data
  CHECK(exposition.Find("mdcloud_up")->samples.size() == 1);
  for (const char* name :
       {"mdcloud_client_requests_total", "mdcloud_client_certificate_expiration_timestamp_seconds",
        "process_cpu_seconds_total", "mdcloud_exporter_build_info",
        "mdcloud_exporter_configured_keys"}) {
    CHECK_MESSAGE(exposition.Find(name) == nullptr, name);
  }
}

TEST_CASE("a probe is of one configured key") {
  Fixture f;
  for (const char* query : {"", "kez=c", "key=a+b&key=c", "key=c&key=c"}) {
    CHECK_MESSAGE(f.Ask(query).status == 400, query);
  }
  for (const char* query : {"key=", "key", "key=x", "key=c%00", "key=http://example.com"}) {
    CHECK_MESSAGE(f.Ask(query).status == 404, query);
  }
  CHECK(f.asked.empty());
  f.answer = nullptr;  // removed by a reload meanwhile
  CHECK(f.Ask("key=c").status == 404);
  CHECK(f.Ask("key=5ec2e7000").body->find("5ec2e7") == std::string::npos);
}

TEST_CASE("probes that are answered at one time are not too many for the worker") {
  Fixture f;
  std::promise<void> running;
  std::promise<void> release;
  REQUIRE(f.worker.Post([&] {
    running.set_value();
    release.get_future().get();
  }));
  running.get_future().get();
  std::vector<std::future<http::Response>> answers;
  for (int i = 0; i < 500; ++i) {
    answers.push_back(test::FutureAnswer(f.page.Answer(
        {.method = "GET",
         .path = "/probe",
         .query = "key=c",
         .headers = {{"Accept", i % 2 == 0 ? "" : "application/openmetrics-text"}}})));
  }
  release.set_value();
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const http::Response response = answers[i].get();
    REQUIRE(response.status == 200);
    REQUIRE(response.body->ends_with("# EOF\n") == (i % 2 == 1));
  }
}

TEST_CASE("when too many probes wait the next one is answered with what is known") {
  Fixture f;
  f.hangs = true;
  const auto ask = [&f] {
    return test::FutureAnswer(
        f.page.Answer({.method = "GET", .path = "/probe", .query = "key=a+b", .headers = {}}));
  };
  std::vector<std::future<http::Response>> held;
  for (int i = 0; i < 600; ++i) held.push_back(ask());
  for (int i = 0; i < 3; ++i) {
    const http::Response known = ask().get();
    CHECK(known.status == 200);
    CHECK(test::CheckExposition(*known.body).Value("mdcloud_up", {{"key", "a b"}}) == 0);
  }
  CHECK(f.asked.size() == 600);
  f.waiting.front()(f.answer);
  CHECK(held.front().get().status == 200);
  held.push_back(ask());
  CHECK(f.asked.size() == 601);
  for (std::size_t i = 1; i < f.waiting.size(); ++i) f.waiting[i](f.answer);
  for (std::size_t i = 1; i < held.size(); ++i) REQUIRE(held[i].get().status == 200);
}

TEST_CASE("a probe may take what Prometheus waits, less half a second") {
  CHECK(TimeFor("10") == 9500ms);
  CHECK(TimeFor("2.25") == 1750ms);
  CHECK(TimeFor("0.5") == 100ms);
  CHECK(TimeFor("0.001") == 100ms);
  CHECK(TimeFor("1e9") == 120s);
  for (const char* nonsense : {"", "0", "-1", "x", "10s", "nan", "inf inf"}) {
    CHECK_MESSAGE(TimeFor(nonsense) == 9500ms, nonsense);
  }
}

TEST_CASE("every key is a target for /probe, with its own labels") {
  scrape::Snapshot snapshot;
  CHECK(Discovered(snapshot, "a:1") == "200 []");
  const auto state = test::NewKey("a \"b\"");
  const auto key = test::Configured(state->key->name);
  key->labels = {{"team", "<soc>"}};
  state->key = key;
  snapshot.keys = {state};
  CHECK(
      Discovered(snapshot, "exporter:10580") ==
      R"(200 [{"targets":["exporter:10580"],"labels":{"__metrics_path__":"/probe",)"
      R"("__param_key":"a \"b\"","__meta_mdcloud_key":"a \"b\"","__meta_mdcloud_label_team":"<soc>"}}])");
  CHECK(Discovered(snapshot, "spoofed", "https://exporter.example.com/mdcloud")
            .starts_with(R"(200 [{"targets":["exporter.example.com"],"labels":{)"
                         R"("__scheme__":"https","__metrics_path__":"/mdcloud/probe",)"));
  for (const char* host : {"", "a b", "a/b", "a\"", "a@b", "\xc3\xa9"}) {
    CHECK_MESSAGE(Discovered(snapshot, host).starts_with("400 "), host);
  }
}
