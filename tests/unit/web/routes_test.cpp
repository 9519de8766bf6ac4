#include "exporter/web/routes.h"

#include <doctest/doctest.h>

#include <memory>
#include <optional>

#include "answer_of.h"
#include "tests/exposition_checker.h"
#include "tests/metrics_fixture.h"

using exporter::ExpositionCache;
using exporter::HttpRequestCounters;
using exporter::Routes;

namespace {

std::optional<std::string> HeaderOf(const http::Response& response, const std::string& name) {
  for (const auto& [header, value] : response.headers) {
    if (header == name) return value;
  }
  return std::nullopt;
}

struct Fixture {
  scrape::SnapshotStore store;
  HttpRequestCounters counters;
  ExpositionCache cache{store, counters, {}};
  bool alive = true;
  http::Worker worker;
  exporter::ReloadResult reload_result;
  Routes routes{{.telemetry_path = "/metrics",
                 .version = "1.2.3",
                 .reload = [this](const auto& done) { done(reload_result); }},
                cache,
                counters,
                store,
                worker,
                [this] { return alive; }};

  ~Fixture() { worker.Stop(); }

  http::Response Ask(const std::string& path, const std::string& method = "GET",
                     const std::string& accept_encoding = "") {
    http::Request request{.method = method, .path = path, .query = "", .headers = {}};
    if (!accept_encoding.empty()) request.headers.emplace_back("Accept-Encoding", accept_encoding);
    return test::AnswerOf(routes.Handle(request));
  }

  void Publish(bool first_round_attempted) {
    auto snapshot = std::make_shared<scrape::Snapshot>();
    snapshot->first_round_attempted = first_round_attempted;
    store.Publish(std::move(snapshot));
  }
};

}  // namespace

TEST_CASE("metrics carry the exact content type, compressed only when asked for") {
  Fixture f;
  const http::Response plain = f.Ask("/metrics");
  CHECK(plain.status == 200);
  CHECK(HeaderOf(plain, "Content-Type") == "text/plain; version=0.0.4; charset=utf-8");
  CHECK_FALSE(HeaderOf(plain, "Content-Encoding"));
  CHECK(plain.body->starts_with("# HELP "));
  const http::Response gzip = f.Ask("/metrics", "GET", "gzip");
  CHECK(HeaderOf(gzip, "Content-Encoding") == "gzip");
  CHECK(HeaderOf(gzip, "Vary") == "Accept, Accept-Encoding");
  CHECK(gzip.body->starts_with("\x1f\x8b"));
}

TEST_CASE("OpenMetrics comes with its content type and its end to those who prefer it") {
  Fixture f;
  const auto ask = [&f](const std::string& query) {
    return test::AnswerOf(
        f.routes.Handle({.method = "GET",
                         .path = "/metrics",
                         .query = query,
                         .headers = {{"Accept", "application/openmetrics-text;version=1.0.0"}}}));
  };
  for (const char* query : {"", "collector=limits"}) {
    const http::Response open = ask(query);
    CHECK(HeaderOf(open, "Content-Type") ==
          "application/openmetrics-text; version=1.0.0; charset=utf-8");
    CHECK(open.body->ends_with("\n# EOF\n"));
  }
  CHECK(f.Ask("/metrics").body->find("# EOF") == std::string::npos);
}

TEST_CASE("a part of the metrics: of some keys, of some collectors, of both") {
  Fixture f;
  auto snapshot = std::make_shared<scrape::Snapshot>();
  snapshot->keys = {test::FullKey("a b"), test::FullKey("c"), test::FullKey("d")};
  f.store.Publish(std::move(snapshot));
  const auto ask = [&f](const std::string& query) {
    return test::AnswerOf(
        f.routes.Handle({.method = "GET", .path = "/metrics", .query = query, .headers = {}}));
  };
  const auto exposed = [&ask](const std::string& query) {
    const http::Response response = ask(query);
    CHECK(response.status == 200);
    test::Exposition exposition = test::CheckExposition(*response.body);
    CHECK(exposition.Problems() == "");
    return exposition;
  };
  const auto has = [](const test::Exposition& exposition, const char* name, const char* key) {
    return exposition.Find(name) != nullptr && exposition.Has(name, {{"key", key}});
  };
  const test::Exposition keys = exposed("key=a+b&key=d&other=x");
  CHECK(has(keys, "mdcloud_up", "a b"));
  CHECK(has(keys, "mdcloud_throttle_limit", "d"));
  CHECK_FALSE(has(keys, "mdcloud_up", "c"));
  CHECK(keys.Find("process_cpu_seconds_total") == nullptr);
  CHECK(keys.Find("mdcloud_client_requests_total") == nullptr);
  CHECK(keys.Find("mdcloud_exporter_configured_keys") == nullptr);

  const test::Exposition limits = exposed("collector=limits");
  CHECK(limits.Find("mdcloud_quota_used") != nullptr);
  CHECK(limits.Find("mdcloud_quota_limit") == nullptr);
  CHECK(limits.Find("mdcloud_up") == nullptr);
  CHECK(limits.Find("mdcloud_scrape_collector_success")->samples.size() == 3);
  CHECK(limits.Find("mdcloud_client_requests_total")->samples.size() == 1);
  CHECK(limits.Find("process_cpu_seconds_total") == nullptr);

  const test::Exposition both = exposed("collector=limits&collector=info&key=c");
  CHECK(has(both, "mdcloud_throttle_limit", "c"));
  CHECK(both.Find("mdcloud_throttle_remaining") == nullptr);
  CHECK(both.Find("mdcloud_scrape_collector_success")->samples.size() == 2);
  CHECK(both.Find("mdcloud_client_requests_total") == nullptr);

  for (const char* query : {"key=", "key=b", "key=a+b&key=b", "key", "collector=", "key=A+B",
                            "collector=Limits", "key=c&collector=downloads", "key=c%00"}) {
    CAPTURE(query);
    const http::Response refused = ask(query);
    CHECK(refused.status == 404);
    CHECK(refused.body->find("no ") != std::string::npos);
  }
  CHECK(ask("key=5ec2e70000000000").body->find("5ec2e7") == std::string::npos);
}

TEST_CASE("parts are made anew for each request") {
  Fixture f;
  for (int keys = 1; keys <= 2; ++keys) {
    auto snapshot = std::make_shared<scrape::Snapshot>();
    snapshot->keys = {test::FullKey("a")};
    snapshot->keys[0] = keys == 1 ? test::FullKey("a") : test::NewKey("a");
    f.store.Publish(std::move(snapshot));
    const http::Response response = test::AnswerOf(
        f.routes.Handle({.method = "GET", .path = "/metrics", .query = "key=a", .headers = {}}));
    CHECK((response.body->find("mdcloud_quota_used") != std::string::npos) == (keys == 1));
  }
}

TEST_CASE("paths are exact") {
  Fixture f;
  for (const char* path :
       {"/metrics/", "/metricsfoo", "/Metrics", "//metrics", "/-/health", "/-/ready/", "/x"}) {
    CAPTURE(path);
    CHECK(f.Ask(path).status == 404);
  }
}

TEST_CASE("other methods than GET and HEAD are refused with what is allowed") {
  Fixture f;
  for (const char* path : {"/metrics", "/", "/config", "/-/healthy", "/readyz"}) {
    for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS", "PATCH", "get"}) {
      const http::Response response = f.Ask(path, method);
      CHECK(response.status == 405);
      CHECK(HeaderOf(response, "Allow") == "GET, HEAD");
    }
    CHECK(f.Ask(path, "HEAD").status != 405);
  }
  CHECK(f.Ask("/unknown", "POST").status == 404);
}

TEST_CASE("healthy follows the scrape loop, under all its names") {
  Fixture f;
  for (const char* path : {"/-/healthy", "/healthz", "/livez"}) CHECK(f.Ask(path).status == 200);
  f.alive = false;
  for (const char* path : {"/-/healthy", "/healthz", "/livez"}) CHECK(f.Ask(path).status == 503);
}

TEST_CASE("ready once the first round was attempted, and not while stopping") {
  Fixture f;
  f.Publish(false);
  for (const char* path : {"/-/ready", "/readyz"}) CHECK(f.Ask(path).status == 503);
  f.Publish(true);
  for (const char* path : {"/-/ready", "/readyz"}) CHECK(f.Ask(path).status == 200);
  f.routes.Stopping();
  for (const char* path : {"/-/ready", "/readyz"}) CHECK(f.Ask(path).status == 503);
}

TEST_CASE("probes are answered the health paths and nothing else") {
  Fixture f;
  f.Publish(true);
  const auto ask = [&f](const std::string& path, const std::string& method) {
    return test::AnswerOf(
        f.routes.HandleProbe({.method = method, .path = path, .query = "", .headers = {}}));
  };
  for (const char* path : {"/-/healthy", "/healthz", "/livez", "/-/ready", "/readyz"}) {
    CAPTURE(path);
    CHECK(ask(path, "GET").status == 200);
    CHECK(ask(path, "HEAD").status == 200);
    CHECK(ask(path, "POST").status == 405);
  }
  for (const char* path :
       {"/metrics", "/", "/-/reload", "/config", "/api/v1/status", "/assets/status.css"}) {
    CAPTURE(path);
    CHECK(ask(path, "GET").status == 404);
  }
}

TEST_CASE("the status page and its JSON are made by the worker, its files are at hand") {
  Fixture f;
  const http::Response page = f.Ask("/");
  CHECK(HeaderOf(page, "Content-Type") == "text/html; charset=utf-8");
  CHECK(page.body->find("href=\"./metrics\"") != std::string::npos);
  CHECK(page.body->find("1.2.3") != std::string::npos);
  CHECK(HeaderOf(f.Ask("/api/v1/status"), "Content-Type") == "application/json");
  CHECK(f.Ask("/assets/status.css").status == 200);
  for (const char* path : {"/assets/", "/assets", "/assets/../config", "/assets/status.css/",
                           "/api/v1/", "/api/v1/status/"}) {
    CAPTURE(path);
    CHECK(f.Ask(path).status == 404);
  }
  CHECK(f.Ask("/assets/status.css", "POST").status == 405);
}

TEST_CASE("answers are counted by page, never by the path as it was sent") {
  Fixture f;
  (void)f.Ask("/livez");
  (void)f.Ask("/etc/passwd");
  (void)f.Ask("/metrics", "POST");
  const auto counts = f.counters.Get();
  REQUIRE(counts.size() == 3);
  CHECK(counts[0].handler == "/-/healthy");
  CHECK(counts[0].code == 200);
  CHECK(counts[1].handler == "other");
  CHECK(counts[1].code == 404);
  CHECK(counts[2].handler == "/metrics");
  CHECK(counts[2].code == 405);
}

TEST_CASE("a reload is asked for by POST or PUT, and its outcome is the answer") {
  Fixture f;
  for (const char* method : {"POST", "PUT"}) CHECK(f.Ask("/-/reload", method).status == 200);
  for (const char* method : {"GET", "HEAD", "DELETE"}) {
    const http::Response refused = f.Ask("/-/reload", method);
    CHECK(refused.status == 405);
    CHECK(HeaderOf(refused, "Allow") == "POST, PUT");
  }
  f.reload_result = tl::unexpected(std::vector<std::string>{"a.yaml:1:1: wrong", "b.yml: too"});
  const http::Response failed = f.Ask("/-/reload", "POST");
  CHECK(failed.status == 500);
  CHECK(failed.body->ends_with(":\na.yaml:1:1: wrong\nb.yml: too\n"));
}

TEST_CASE("where reloads are switched off, /-/reload says how to switch them on") {
  Fixture f;
  Routes routes({}, f.cache, f.counters, f.store, f.worker, [] { return true; });
  const http::Request request{.method = "POST", .path = "/-/reload", .query = "", .headers = {}};
  const http::Response refused = test::AnswerOf(routes.Handle(request));
  CHECK(refused.status == 403);
  CHECK(refused.body->find("--web.enable-lifecycle") != std::string::npos);
}
