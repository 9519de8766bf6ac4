// Every tests/config/invalid-*.yaml is refused with exactly the text beside it, every valid-*.yaml
// loads with exactly the keys and warnings beside it. UPDATE_GOLDEN=1 rewrites the texts.

#include <doctest/doctest.h>
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "exporter/config/byte_size.h"
#include "exporter/config/config.h"
#include "exporter/config/duration.h"
#include "fake_certificates.h"
#include "fake_surroundings.h"
#include "tests/read_text.h"

namespace {

std::filesystem::path Folder() {
  return std::filesystem::path(MDCLOUD_SOURCE_DIR) / "tests" / "config";
}

std::vector<std::filesystem::path> FilesBeginningWith(const std::string& prefix) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(Folder())) {
    const std::string name = entry.path().filename();
    if (name.starts_with(prefix) && name.ends_with(".yaml")) paths.push_back(entry.path());
  }
  std::ranges::sort(paths);
  return paths;
}

// Compares, or rewrites the golden text.
void CheckText(const std::filesystem::path& yaml, const std::string& text) {
  const std::filesystem::path golden = std::filesystem::path(yaml).replace_extension(".txt");
  // NOLINTNEXTLINE(concurrency-mt-unsafe): the tests have one thread
  if (std::getenv("UPDATE_GOLDEN") != nullptr) std::ofstream(golden, std::ios::binary) << text;
  CHECK(text == test::ReadText(golden));
}

std::string Describe(const scrape::WindowLength& window) {
  switch (window.kind) {
    case scrape::WindowLength::Kind::kUnknown:
      return "auto";
    case scrape::WindowLength::Kind::kFixed:
      return exporter::FormatDuration(window.fixed);
    case scrape::WindowLength::Kind::kCalendarMonth:
      return "calendar_month";
  }
  return "";
}

// What is not the default.
std::string Describe(const scrape::Connection& connection) {
  std::string text;
  if (connection.http_version == scrape::HttpVersion::k11) text += ", HTTP/1.1";
  if (connection.http_version == scrape::HttpVersion::k2) text += ", HTTP/2";
  if (!connection.proxy_url.empty()) text += fmt::format(", proxy '{}'", connection.proxy_url);
  if (connection.proxy_credentials != nullptr) {
    text +=
        fmt::format(" with {}+{} characters", connection.proxy_credentials->user.Reveal().size(),
                    connection.proxy_credentials->password.Reveal().size());
  }
  if (connection.proxy_from_environment) text += ", proxy of the environment";
  if (!connection.ca_file.empty()) text += fmt::format(", ca '{}'", connection.ca_file);
  if (!connection.server_name.empty()) text += fmt::format(", is '{}'", connection.server_name);
  if (connection.insecure_skip_verify) text += ", unverified";
  if (connection.identity != nullptr) {
    text += fmt::format(", client certificate until {:%F}", connection.identity->expires);
  }
  return text;
}

std::string Describe(const exporter::Config& config) {
  std::string text =
      fmt::format("at most {} requests at once, {} a second, {} rejected an hour\n",
                  config.options.max_concurrent_requests, config.options.max_requests_per_second,
                  config.options.max_rejected_requests_per_hour);
  for (const auto& key : config.keys) {
    text += fmt::format("key '{}': apikey of {} characters, {},", key->name,
                        key->secret.Reveal().size(), key->base_url);
    for (const auto collector : scrape::kCollectors) {
      if (key->collectors[IndexOf(collector)]) text += fmt::format(" {}", NameOf(collector));
    }
    text += fmt::format(", every {}, info every {}, timeout {}, staleness {}, window {}{}{}",
                        exporter::FormatDuration(key->scrape_interval),
                        exporter::FormatDuration(key->info_interval),
                        exporter::FormatDuration(key->scrape_timeout),
                        key->max_staleness ? exporter::FormatDuration(*key->max_staleness) : "auto",
                        Describe(key->quota_window), key->nickname_label ? ", nickname" : "",
                        Describe(*key->connection));
    if (key->collectors[IndexOf(scrape::Collector::kHistory)]) {
      text += fmt::format(", history every {}: {} scans a page, at most {} pages, {}, {}",
                          exporter::FormatDuration(key->history_interval), key->history.page_size,
                          key->history.max_pages, exporter::FormatByteSize(key->history.max_bytes),
                          exporter::FormatDuration(key->history.max_duration));
    }
    for (const auto& [name, value] : key->labels) text += fmt::format(", {}='{}'", name, value);
    text += '\n';
  }
  if (config.log_level) {
    text += fmt::format("log level {}\n", static_cast<int>(*config.log_level));
  }
  for (const std::string& warning : config.warnings) text += fmt::format("warning: {}\n", warning);
  return text;
}

}  // namespace

TEST_CASE("every kind of mistake is refused with its exact message, without the apikey") {
  const auto paths = FilesBeginningWith("invalid-");
  CHECK(paths.size() >= 100);
  const FakeSurroundings fake = WithCertificates();
  for (const auto& path : paths) {
    CAPTURE(path);
    std::string text = "accepted\n";
    try {
      (void)exporter::ParseConfig(test::ReadText(path), path.filename(), fake.Get());
    } catch (const exporter::ConfigError& error) {
      text = std::string(error.what()) + "\n";
      CHECK_FALSE(error.Problems().empty());
      for (const exporter::Problem& problem : error.Problems()) {
        CHECK(problem.position.line > 0);
        CHECK(problem.position.column > 0);
      }
    }
    CheckText(path, text);
    CHECK(text != "accepted\n");
    CHECK(text.find("SENTINEL") == std::string::npos);
  }
}

TEST_CASE("valid configurations give the expected keys and warnings") {
  const auto paths = FilesBeginningWith("valid-");
  CHECK(paths.size() >= 10);
  const FakeSurroundings fake = WithCertificates();
  for (const auto& path : paths) {
    CAPTURE(path);
    try {
      const auto config = exporter::ParseConfig(test::ReadText(path), path.filename(), fake.Get());
      CheckText(path, Describe(config));
    } catch (const exporter::ConfigError& error) {
      FAIL_CHECK(error.what());
    }
  }
}
