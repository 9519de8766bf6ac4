#include "exporter/cli/check.h"

#include <doctest/doctest.h>

#include <sstream>
#include <string>

#include "fake_surroundings.h"

namespace {

struct Outcome {
  int code;
  std::string out;
  std::string err;
};

Outcome Check(const std::string& text, const std::string& web = "") {
  FakeSurroundings fake;
  fake.files["config.yaml"] = text;
  if (!web.empty()) fake.files["web.yml"] = web;
  std::ostringstream out;
  std::ostringstream err;
  const int code = exporter::RunCheck({"config.yaml", false}, web.empty() ? "" : "web.yml",
                                      fake.Get(), out, err);
  return {code, out.str(), err.str()};
}

}  // namespace

TEST_CASE("check tells in one line what was found") {
  const Outcome one = Check("keys: [{name: a, apikey_file: keys/production}]");
  CHECK(one.code == 0);
  CHECK(one.err.empty());
  CHECK(one.out ==
        "1 key: info every 15m, limits every 1m, status every 1m; 0.0344 requests per second\n");

  const Outcome three = Check(
      "keys: [{name: a, apikey_file: keys/production, collectors: [limits]}]\n"
      "key_directories: [{path: secrets, scrape_interval: 5m, collectors: [limits, status]}]");
  CHECK(three.code == 0);
  CHECK(three.out == "3 keys: limits every 1m to 5m, status every 5m; 0.03 requests per second\n");
}

TEST_CASE("check warns on stderr and goes on") {
  const Outcome outcome = Check("keys: []\nkey_directories: [{path: empty}]");
  CHECK(outcome.code == 0);
  CHECK(outcome.out == "0 keys\n");
  CHECK(outcome.err == "warning: config.yaml:2:26: there is no apikey in this directory\n");
}

TEST_CASE("check reports every problem, nothing on stdout, exit code 1") {
  const Outcome outcome = Check("globl: 1\nkeys: [{name: a, apikey_file: keys/empty}]");
  CHECK(outcome.code == 1);
  CHECK(outcome.out.empty());
  CHECK(outcome.err ==
        "config.yaml:1:1: 'globl' is not an option (is 'global' meant?); allowed: global, history, "
        "keys, "
        "key_directories, log_level\n"
        "config.yaml:2:31: apikey_file names a file that is empty; 1 to 512 characters are "
        "needed\n");
}

TEST_CASE("check tells when the caps stretch the intervals, with the interval that results") {
  const Outcome outcome = Check(
      "global: {scrape_interval: 1s, max_requests_per_second: 1, collectors: [limits, status]}\n"
      "keys: [{name: a, apikey_file: keys/production}]");
  CHECK(outcome.code == 0);
  CHECK(outcome.err.find("max_requests_per_second (1), so all their intervals are stretched by 2: "
                         "scrape_interval 1s becomes 2s\n") != std::string::npos);
}

TEST_CASE("check tells of the web configuration, too, and reports the problems of both") {
  const std::string keys = "keys: [{name: a, apikey_file: keys/production, collectors: [info]}]";
  const std::string user =
      "basic_auth_users: {a: $2y$10$abcdefghijklmnopqrstuu4SuEsu2LsUrAYUpWQHLMMc4GV5pZTxK}";
  const Outcome good =
      Check(keys, "http_server_config: {headers: {X-Frame-Options: deny}}\n" + user);
  CHECK(good.code == 0);
  CHECK(good.out ==
        "1 key: info every 15m; 0.00111 requests per second; pages: 1 user, response headers\n");
  CHECK(good.err ==
        "warning: web.yml:2:1: basic_auth_users without tls_server_config: passwords cross the "
        "network readable for everybody on the way\n");
  const Outcome bad = Check("keys: 1", "rate_limit: {}");
  CHECK(bad.code == 1);
  CHECK(bad.out.empty());
  CHECK(bad.err.find("config.yaml:1:7: keys must be a list") != std::string::npos);
  CHECK(bad.err.find("web.yml:1:1: rate_limit is not supported") != std::string::npos);
}
