// "/" and "/api/v1/status": who makes them, what they carry, and that texts stay texts.

#include "exporter/web/status_page.h"

#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "answer_of.h"
#include "exporter/web/assets.h"
#include "tests/metrics_fixture.h"

using exporter::StatusPage;

namespace {

std::optional<std::string> HeaderOf(const http::Response& response, const std::string& name) {
  for (const auto& [header, value] : response.headers) {
    if (header == name) return value;
  }
  return std::nullopt;
}

http::Request Get(const std::string& query = "", const std::string& encoding = "") {
  http::Request request{.method = "GET", .path = "/", .query = query, .headers = {}};
  if (!encoding.empty()) request.headers.emplace_back("Accept-Encoding", encoding);
  return request;
}

std::size_t CountOf(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

struct Fixture {
  scrape::SnapshotStore store;
  scrape::SteadyTime now = test::kSteadyNow;
  bool reloaded = true;
  http::Worker worker;
  StatusPage page{
      {.version = "1.2.3",
       .telemetry_path = "/quota<s>",
       .config =
           [this] { return exporter::ConfigLoad{.successful = reloaded, .last_success = {}}; },
       .clocks = {[] { return test::kNow; }, [this] { return now; }}},
      store,
      worker};

  ~Fixture() { worker.Stop(); }

  void Publish(std::vector<std::shared_ptr<const scrape::KeyState>> keys,
               std::vector<scrape::HostState> hosts = {}) {
    auto snapshot = std::make_shared<scrape::Snapshot>();
    snapshot->keys = std::move(keys);
    snapshot->hosts = std::move(hosts);
    store.Publish(std::move(snapshot));
  }
  http::Response Answer(const std::string& query = "") {
    return test::AnswerOf(page.Html(Get(query)));
  }
  std::string Html(const std::string& query = "") { return *Answer(query).body; }
};

}  // namespace

TEST_CASE("the page allows nothing but its own files") {
  Fixture f;
  const http::Response page = f.Answer();
  CHECK(HeaderOf(page, "Content-Security-Policy") ==
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
        "img-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'");
  CHECK(HeaderOf(page, "Cache-Control") == "no-store");
  // Nothing inline, and no link that would leave the path this page is at.
  const std::string html = *page.body;
  for (const char* part : {"<style", " style=", "<script>", "onclick", "=\"/", "http:", "https:"}) {
    CAPTURE(part);
    CHECK(html.find(part) == std::string::npos);
  }
  CHECK(html.find("No keys are configured") != std::string::npos);
  CHECK(html.find("href=\"./quota&lt;s&gt;\"") != std::string::npos);
}

TEST_CASE("neither page is made on the thread that asks, both once a second for all") {
  Fixture f;
  f.Publish({test::FullKey("a")});
  for (const bool json : {false, true}) {
    const auto ask = [&](const std::string& encoding = "") {
      return json ? f.page.Json(Get("", encoding)) : f.page.Html(Get("", encoding));
    };
    CHECK(std::holds_alternative<http::Deferred>(ask()));
    const http::Response first = test::AnswerOf(ask());
    const http::Reply again = ask();
    REQUIRE(std::holds_alternative<http::Response>(again));
    CHECK(std::get<http::Response>(again).body == first.body);
    const http::Response gzip = test::AnswerOf(ask("gzip"));
    CHECK(HeaderOf(gzip, "Content-Encoding") == "gzip");
    CHECK(gzip.body->starts_with("\x1f\x8b"));
    CHECK(gzip.body->size() < first.body->size());
    f.now += std::chrono::seconds(1);
    CHECK(std::holds_alternative<http::Deferred>(ask()));
  }
  CHECK(std::holds_alternative<http::Deferred>(f.page.Html(Get("sort=name"))));
}

TEST_CASE("the JSON is narrowed to keys by name, an unknown one is 404") {
  Fixture f;
  f.Publish({test::FullKey("a"), test::NewKey("b"), test::NewKey("c")}, {{.name = "h"}});
  const auto ask = [&](const std::string& query) {
    return test::AnswerOf(f.page.Json(Get(query)));
  };
  const std::string two = *ask("key=c&key=a").body;
  CHECK(two.find(R"("key":"a")") < two.find(R"("key":"c")"));
  CHECK(two.find(R"("key":"b")") == std::string::npos);
  CHECK(two.find(R"("summary":{"keys":2,)") != std::string::npos);
  CHECK(two.find(R"("hosts":[{"host":"h")") != std::string::npos);
  CHECK(ask("").body->find(R"("summary":{"keys":3,)") != std::string::npos);
  CHECK(ask("other=1").body->find(R"("summary":{"keys":3,)") != std::string::npos);
  CHECK(ask("key=a&key=SENTINEL").status == 404);
  CHECK(ask("key=SENTINEL").body->find("SENTINEL") == std::string::npos);
}

TEST_CASE("after a reload nobody gets the page of before, in the same second") {
  Fixture f;
  f.Publish({test::FullKey("a")});
  const auto json = [&] { return *test::AnswerOf(f.page.Json(Get())).body; };
  REQUIRE(json().find(R"("key":"a")") != std::string::npos);
  REQUIRE(f.Html().find(">b<") == std::string::npos);
  f.Publish({test::FullKey("b")});
  REQUIRE(json().find(R"("key":"a")") != std::string::npos);
  f.page.Forget();
  CHECK(json().find(R"("key":"b")") != std::string::npos);
  CHECK(f.Html().find(">b<") != std::string::npos);
}

TEST_CASE("a worker that has too much to do, or has stopped, is no reason to hang") {
  Fixture f;
  f.worker.Stop();
  CHECK(f.Answer().status == 503);
  CHECK(f.Answer("q=a").status == 503);
  CHECK(test::AnswerOf(f.page.Json(Get())).status == 503);
}

TEST_CASE("whatever names, labels and the service say stays text") {
  Fixture f;
  const std::string evil = "<img src=x onerror=alert(1)>\"'&<";
  auto configured = test::Configured(evil);
  configured->labels = {{"team", evil}};
  configured->secret = scrape::Secret("5ec2e75ec2e75ec2e75ec2e75ec2e700");
  const auto key = test::MemberKey("a");
  key->key = configured;
  auto info = std::make_shared<scrape::KeyInfo>(*key->info);
  info->entitlement.license_type = info->entitlement.time_interval = evil;
  info->organization->organization_id = evil;
  key->info = std::move(info);
  f.Publish({key}, {{.name = evil, .paused = true, .keys_waiting = 1}});
  for (const char* query : {"", "q=%3Cimg+src%3Dx+onerror%3Dalert(1)%3E%22%27%26%3C&page=9"}) {
    const std::string html = f.Html(query);
    CHECK(CountOf(html, "&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;&lt;") >= 8);
    CHECK(html.find("<img") == std::string::npos);
    CHECK(html.find("5ec2e7") == std::string::npos);
  }
  // A link keeps the text of the filter without opening a way out.
  CHECK(f.Html("q=%22%3E%3Cb%3E&show=ok").find("q=%22%3E%3Cb%3E") != std::string::npos);
}

TEST_CASE("the page tells of hosts that are paused, keys that wait and refused reloads") {
  Fixture f;
  f.Publish({test::FullKey("a")},
            {{.name = "h1", .paused = true}, {.name = "h2", .keys_waiting = 3}});
  f.reloaded = false;
  const std::string html = f.Html();
  CHECK(html.find("h1 is paused") != std::string::npos);
  CHECK(html.find("3 keys wait of h2") == std::string::npos);
  CHECK(html.find("3 keys of h2 wait") != std::string::npos);
  CHECK(html.find("reload of the configuration was refused") != std::string::npos);
}

TEST_CASE("what is not known is called so") {
  Fixture f;
  f.Publish({test::NewKey("a")});
  const std::string html = f.Html();
  CHECK(html.find("Nothing is known of its quotas") != std::string::npos);
  CHECK(html.find("Data <span class=\"unknown\">unknown</span>") != std::string::npos);
  CHECK(html.find("Expires <span class=\"unknown\">unknown</span>") != std::string::npos);
}

TEST_CASE("a thousand keys are shown by fifty") {
  Fixture f;
  std::vector<std::shared_ptr<const scrape::KeyState>> keys;
  for (int i = 0; i < 1000; ++i) keys.push_back(test::FullKey("key-" + std::to_string(1000 + i)));
  f.Publish(std::move(keys));
  const std::string first = f.Html();
  CHECK(CountOf(first, "<tbody") == 50);
  CHECK(first.find("Keys 1 to 50 of 1,000") != std::string::npos);
  CHECK(first.size() < 400'000);
  CHECK(first.find("rel=\"prev\"") == std::string::npos);
  const std::string last = f.Html("page=20");
  CHECK(last.find("Keys 951 to 1,000 of 1,000") != std::string::npos);
  CHECK(last.find("rel=\"next\"") == std::string::npos);
  CHECK(last.find("href=\"./?page=19\"") != std::string::npos);
}

TEST_CASE("10,000 keys do not hold up the thread that asks for them") {
  Fixture f;
  std::vector<std::shared_ptr<const scrape::KeyState>> keys;
  for (int i = 0; i < 10000; ++i) {
    keys.push_back(test::MemberKey("key-" + std::to_string(10000 + i)));
  }
  f.Publish(std::move(keys));
  using Clock = std::chrono::steady_clock;
  const auto ms_since = [](Clock::time_point start) {
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
  };
  for (const bool json : {false, true}) {
    const Clock::time_point start = Clock::now();
    auto answer = test::FutureAnswer(json ? f.page.Json(Get()) : f.page.Html(Get()));
    const double asked = ms_since(start);
    const std::size_t size = answer.get().body->size();
    MESSAGE(size << " bytes were asked for in " << asked << " ms and made in " << ms_since(start)
                 << " ms");
    CHECK(asked < ms_since(start) / 10);
  }
  // So long a body is not kept.
  CHECK(std::holds_alternative<http::Deferred>(f.page.Json(Get())));
}

TEST_CASE("files are kept by the browser until they change") {
  const auto ask = [](const std::string& path, const std::string& query, const std::string& tag) {
    http::Request request{.method = "GET", .path = path, .query = query, .headers = {}};
    if (!tag.empty()) request.headers.emplace_back("If-None-Match", tag);
    return exporter::AnswerAsset(request).value();
  };
  for (const char* name : {"status.css", "status.js", "icon.svg"}) {
    const std::string url = exporter::UrlOf(name);
    const std::size_t mark = url.find('?');
    const std::string path = '/' + url.substr(0, mark);
    const http::Response pinned = ask(path, url.substr(mark + 1), "");
    CHECK(HeaderOf(pinned, "Cache-Control") == "private, max-age=31536000, immutable");
    CHECK_FALSE(pinned.body->empty());
    const http::Response other = ask(path, "v=0", "");
    CHECK(HeaderOf(other, "Cache-Control") == "private, no-cache");
    const std::string tag = HeaderOf(other, "ETag").value();
    CHECK(ask(path, "", tag).status == 304);
    CHECK(ask(path, "", tag).body == nullptr);
    CHECK(ask(path, "", "\"other\"").status == 200);
  }
}

TEST_CASE("the age of a key's numbers is that of its quotas, not of its scan history") {
  Fixture f;
  auto key = test::KeyWithHistory("a");
  auto& history = key->collectors[IndexOf(scrape::Collector::kHistory)];
  history.interval = std::chrono::minutes(5);
  history.last_success = test::kNow - std::chrono::minutes(4);
  f.Publish({key});
  const std::string page = f.Html();
  CHECK(CountOf(page, "20 s old") == 1);
  CHECK(CountOf(page, "4 m old") == 0);
  CHECK(CountOf(page, "<b>history</b>") == 1);
}
