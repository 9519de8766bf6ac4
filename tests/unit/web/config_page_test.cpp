#include "exporter/web/config_page.h"

#include <doctest/doctest.h>

#include <string>

#include "exporter/config/options.h"
#include "tests/unit/config/fake_certificates.h"
#include "tests/unit/web/answer_of.h"

using exporter::Config;
using exporter::EffectiveConfig;

namespace {

constexpr const char* kText = R"(log_level: warn
global:
  max_requests_per_second: 7
  http_version: 2
  quota_window: calendar_month
history: {page_size: 7, max_pages: 3, max_bytes: 100KiB, max_duration: 1m30s}
keys:
  - name: "Production: 1"
    apikey_file: keys/production
    labels: {team: "a: b", empty: "", odd: "~", number: "1"}
    collectors: [status, history]
    history_interval: 20m
    max_staleness: 1d
    tls_config: {cert_file: client.crt, key_file: client.key, ca_file: ca.pem, server_name: api.example.com}
  - {name: inline, apikey: inline-apikey-SENTINEL, nickname_label: true, scrape_timeout: 500ms}
key_directories:
  - path: secrets
    quota_window: 90m
    proxy_url: socks5h://proxy.example.com:1080
    proxy_credentials_file: proxy-login
)";

Config Load(const std::string& text) {
  static const FakeSurroundings around = WithCertificates();
  return exporter::ParseConfig(text, "config.yaml", around.Get());
}

}  // namespace

TEST_CASE("the page is a configuration of the same effect, without a secret") {
  const Config config = Load(kText);
  const std::string page = EffectiveConfig(config);
  CHECK(page.find("SENTINEL") == std::string::npos);
  CHECK(page.find("PRIVATE KEY") == std::string::npos);
  const Config again = Load(page);
  REQUIRE(again.keys.size() == config.keys.size());
  for (std::size_t i = 0; i < config.keys.size(); ++i) {
    const scrape::ApiKey& a = *config.keys[i];
    const scrape::ApiKey& b = *again.keys[i];
    CAPTURE(a.name);
    CHECK(a.name == b.name);
    CHECK(a.labels == b.labels);
    CHECK(a.base_url == b.base_url);
    CHECK(a.collectors == b.collectors);
    CHECK(a.scrape_interval == b.scrape_interval);
    CHECK(a.info_interval == b.info_interval);
    CHECK(a.history_interval == b.history_interval);
    CHECK(a.history == b.history);
    CHECK(a.scrape_timeout == b.scrape_timeout);
    CHECK(a.max_staleness == b.max_staleness);
    CHECK(a.quota_window == b.quota_window);
    CHECK(a.nickname_label == b.nickname_label);
    CHECK(*a.connection == *b.connection);
    CHECK(b.secret == scrape::Secret("<secret>"));
  }
  CHECK(again.options.max_requests_per_second == 7);
  CHECK(again.log_level == config.log_level);
  CHECK(EffectiveConfig(again) == page);
}

TEST_CASE("every option of a key is on the page") {
  const std::string page = EffectiveConfig(Load(kText));
  for (const exporter::Option& option : exporter::kOptions) {
    const bool of_key = option.section == exporter::Section::kKey ||
                        option.section == exporter::Section::kKeyTls ||
                        option.section == exporter::Section::kHistory;
    if (!of_key || option.name == "apikey_file" || option.name == "apikey_env") continue;
    CAPTURE(option.name);
    CHECK(page.find(std::string(option.name) + ":") != std::string::npos);
  }
}

TEST_CASE("the page is made by the worker, once for each configuration") {
  http::Worker worker;
  auto config = std::make_shared<const Config>(Load(kText));
  exporter::ConfigPage page([&config] { return config; }, worker);
  const auto first = test::AnswerOf(page.Answer()).body;
  CHECK(*first == EffectiveConfig(*config));
  CHECK(test::AnswerOf(page.Answer()).body == first);
  config = std::make_shared<const Config>(Load("keys: [{name: other, apikey_env: MDCLOUD_EU}]"));
  CHECK(test::AnswerOf(page.Answer()).body->find("name: other") != std::string::npos);
  worker.Stop();
  CHECK(test::AnswerOf(page.Answer()).status == 200);
  config = std::make_shared<const Config>(Load(kText));
  CHECK(test::AnswerOf(page.Answer()).status == 503);
}
