// --web.config.file with users: who comes in, what a flood of wrong passwords does to the others,
// and that no password gets out.
#include <doctest/doctest.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "tests/e2e/sentinel.h"
#include "tests/e2e/web_run.h"
#include "tests/read_text.h"

using std::chrono::seconds;
using test::Fetched;
using test::WebRun;

namespace {

std::string Users(const std::string& hash = test::kHash) {
  return "basic_auth_users:\n  alice: " + hash + "\n";
}

const std::string kAlice = std::string("alice:") + test::kPassword;

// The time that 99 of 100 answers did not exceed, in seconds.
double P99(std::vector<double> times) {
  REQUIRE_FALSE(times.empty());
  std::ranges::sort(times);
  return times[times.size() * 99 / 100];
}

// What the process has used of the processor.
double CpuSeconds(pid_t pid) {
  const std::string stat = test::ReadText("/proc/" + std::to_string(pid) + "/stat");
  std::istringstream fields(stat.substr(stat.rfind(')') + 2));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  double user = 0;
  fields >> user;
  return user / static_cast<double>(sysconf(_SC_CLK_TCK));
}

}  // namespace

TEST_CASE("pages want a password, health on the listener for probes does not") {
  WebRun run(Users() + "http_server_config: {headers: {X-Frame-Options: deny}}\n");
  for (const char* path : {"/metrics", "/", "/-/healthy", "/no-such-page"}) {
    CAPTURE(path);
    const Fetched without = run.Ask(path);
    CHECK(without.status == 401);
    CHECK(without.headers.at("www-authenticate") == "Basic");
    CHECK(without.headers.at("x-frame-options") == "deny");
    CHECK(run.Ask(path, "alice:wrong").status == 401);
    CHECK(run.Ask(path, "bob:open sesame").status == 401);
  }
  CHECK(run.Ask("/metrics", kAlice).status == 200);
  const Fetched missing = run.Ask("/no-such-page", kAlice);
  CHECK(missing.status == 404);
  CHECK(missing.headers.at("x-frame-options") == "deny");
  CHECK(run.Ask("/metrics", kAlice)
            .body.find("mdcloud_exporter_http_requests_total{code=\"401\",handler="
                       "\"authentication\"} 12\n") != std::string::npos);

  for (const char* path : {"/-/healthy", "/healthz", "/livez"}) {
    CHECK(run.Probe(path).status == 200);
  }
  CHECK(test::Eventually([&] { return run.Probe("/-/ready").status == 200; }));
  for (const char* path : {"/metrics", "/", "/-/reload"}) CHECK(run.Probe(path).status == 404);
  test::Process healthcheck(
      {test::BinaryPath(), "healthcheck", "--probe.listen-address=127.0.0.1:" + run.probe_port()});
  CHECK(healthcheck.Wait() == 0);
}

TEST_CASE("a flood of wrong passwords: health and a user that is known go on as before") {
  WebRun run("basic_auth_users: {alice: " + std::string(test::kHash) + ", late: " + test::kHash +
             "}\n");
  REQUIRE(run.Ask("/metrics", kAlice).status == 200);
  std::atomic<bool> stop = false;
  std::atomic<int> refused = 0;
  std::atomic<int> busy = 0;
  std::atomic<int> other = 0;
  std::vector<std::thread> flood;
  for (int i = 0; i < 48; ++i) {
    flood.emplace_back([&, i] {
      for (int n = 0; !stop; ++n) {
        const std::string user =
            (n % 2 == 0 ? "alice:" : "nobody:") + std::to_string(i) + "-" + std::to_string(n);
        const int status = run.Ask("/metrics", user).status;
        (status == 401 ? refused : status == 503 ? busy : other)++;
      }
    });
  }
  std::vector<double> health;
  std::vector<double> scrapes;
  const auto end = std::chrono::steady_clock::now() + seconds(4);
  while (std::chrono::steady_clock::now() < end) {
    const Fetched probe = run.Probe("/-/healthy");
    CHECK(probe.status == 200);
    health.push_back(probe.seconds);
    const Fetched scrape = run.Ask("/metrics", kAlice);
    CHECK(scrape.status == 200);
    scrapes.push_back(scrape.seconds);
  }
  // One whose password was not seen before, from another address.
  const Fetched late =
      test::Fetch("http://127.0.0.1:" + run.port() + "/metrics",
                  {.headers = {}, .user = "late:open sesame", .from = "127.0.0.2"});
  CHECK(late.status == 200);
  stop = true;
  for (std::thread& thread : flood) thread.join();
  MESSAGE("flood: " << refused.load() << " refused, " << busy.load() << " busy; health p99 "
                    << P99(health) * 1000 << " ms, scrapes p99 " << P99(scrapes) * 1000 << " ms of "
                    << scrapes.size() << "; a new one " << late.seconds * 1000 << " ms");
  CHECK(other == 0);
  CHECK(refused > 0);
  CHECK(busy > 0);
  CHECK(P99(health) < 0.5);
  CHECK(P99(scrapes) < 0.5);
}

TEST_CASE("it stops at once although a password is being computed for hours") {
  std::string slow = test::kHash;
  slow.replace(4, 2, "31");
  WebRun run(Users(slow));
  std::thread client([&run] { CHECK(run.Ask("/metrics", kAlice).status == 503); });
  const double before = CpuSeconds(run.process().pid());
  CHECK(test::Eventually([&] { return CpuSeconds(run.process().pid()) > before + 0.3; }));
  const auto begin = std::chrono::steady_clock::now();
  run.process().Signal(SIGTERM);
  CHECK(run.process().Wait() == 0);
  CHECK(std::chrono::steady_clock::now() - begin < seconds(2));
  client.join();
}

TEST_CASE("no password and no hash gets out") {
  WebRun run(Users());
  const std::string wrong = "c0ffee00c0ffee00c0ffee00c0ffee99";
  const std::string tail = std::string(test::kHash).substr(30);
  std::string all;
  for (const std::string& user : {kAlice, "alice:" + wrong, wrong + ":" + wrong, std::string()}) {
    for (const char* path : {"/metrics", "/", "/-/ready", "/no-such-page"}) {
      const Fetched answer = run.Ask(path, user);
      all += answer.body;
      for (const auto& [name, value] : answer.headers) all += name + ": " + value + "\n";
    }
  }
  const auto output_of = [&](const std::string& web) {
    const std::string file = run.dir().Write("broken.yml", web);
    test::Process check({test::BinaryPath(), "check", "--config.file=" + run.config_file(),
                         "--web.config.file=" + file});
    CHECK(check.Wait() == 1);
    CHECK(test::Eventually([&] { return !check.Err().empty(); }));
    return check.Out() + check.Err();
  };
  const std::string hash = test::kHash;
  for (const std::string& broken :
       {"basic_auth_users: {alice: " + wrong + "}", "basic_auth_users: {" + wrong + ": }",
        "basic_auth_users: {alice: " + hash + "x}", "basic_auth_users: " + hash, hash + ": x",
        "basic_auth_users: [" + wrong + ", " + hash + "]",
        "basic_auth_users:\n  alice: \"" + hash + "\n",
        "basic_auth_users:\n  " + wrong + ": " + hash + "\n  " + wrong + ": " + hash,
        "tls_server_config: {key: " + wrong + "}",
        "tls_server_config: {key_file: " + wrong + "}"}) {
    all += output_of(broken);
  }
  run.process().Signal(SIGTERM);
  CHECK(run.process().Wait() == 0);
  all += run.process().Out() + run.process().Err();
  for (const std::string& secret : {wrong, tail, std::string(test::kPassword)}) {
    const auto leaks = test::LeaksOf(secret, all);
    CHECK_MESSAGE(leaks.empty(), secret << " as " << (leaks.empty() ? "" : leaks.front()));
  }
}
