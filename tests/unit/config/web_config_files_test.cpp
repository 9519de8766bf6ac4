// Every tests/config/web-invalid-*.yml is refused with exactly the text beside it, every
// web-valid-*.yml gives exactly what stands beside it. UPDATE_GOLDEN=1 rewrites the texts.
// Certificates are made for the run: the files' names are cert.pem and so on, and CERT_PEM in a
// quoted text stands for one.

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "exporter/config/web_config.h"
#include "fake_surroundings.h"
#include "tests/read_text.h"
#include "web_fixture.h"

namespace {

std::vector<std::filesystem::path> FilesBeginningWith(const std::string& prefix) {
  std::vector<std::filesystem::path> paths;
  const auto folder = std::filesystem::path(MDCLOUD_SOURCE_DIR) / "tests" / "config";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename();
    if (name.starts_with(prefix) && name.ends_with(".yml")) paths.push_back(entry.path());
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

std::string_view NameOf(http::ClientAuth auth) {
  switch (auth) {
    case http::ClientAuth::kNone:
      return "none";
    case http::ClientAuth::kRequest:
      return "request";
    case http::ClientAuth::kRequireAny:
      return "require any";
    case http::ClientAuth::kVerifyIfGiven:
      return "verify if given";
    case http::ClientAuth::kRequireAndVerify:
      return "require and verify";
  }
  return "";
}

std::string_view NameOf(http::TlsVersion version) {
  return version == http::TlsVersion::kTls12 ? "1.2" : "1.3";
}

std::string Describe(const exporter::WebConfig& config, const WebFixture& fixture) {
  std::string text;
  if (config.tls) {
    CHECK(config.tls->certificate == fixture.Content("cert.pem"));
    CHECK(config.tls->private_key == fixture.Content("key.pem"));
    CHECK((config.tls->client_ca.empty() || config.tls->client_ca == fixture.Content("ca.pem")));
    text += fmt::format("TLS {} to {}, clients: {}, authority {}, SANs [{}]\n",
                        NameOf(config.tls->min_version), NameOf(config.tls->max_version),
                        NameOf(config.tls->client_auth), !config.tls->client_ca.empty(),
                        fmt::join(config.tls->client_allowed_sans, ", "));
  }
  for (const auto& [name, value] : config.headers) text += fmt::format("{}: {}\n", name, value);
  for (const auto& [name, hash] : config.users) text += fmt::format("user {} {}\n", name, hash);
  text += fmt::format("read from {}\n", fmt::join(config.files, ", "));
  for (const std::string& warning : config.warnings) text += fmt::format("warning: {}\n", warning);
  for (const std::string& notice : config.notices) text += fmt::format("notice: {}\n", notice);
  return text;
}

}  // namespace

TEST_CASE("every mistake in a web configuration is refused with its exact message") {
  const auto paths = FilesBeginningWith("web-invalid-");
  CHECK(paths.size() >= 50);
  WebFixture fixture;
  for (const auto& path : paths) {
    CAPTURE(path);
    std::string text = "accepted\n";
    try {
      (void)fixture.Load(path.filename(), test::ReadText(path));
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
    CHECK(text.find("$2y$10") == std::string::npos);
  }
}

TEST_CASE("valid web configurations give what is expected") {
  const auto paths = FilesBeginningWith("web-valid-");
  CHECK(paths.size() >= 15);
  WebFixture fixture;
  for (const auto& path : paths) {
    CAPTURE(path);
    try {
      CheckText(path, Describe(fixture.Load(path.filename(), test::ReadText(path)), fixture));
    } catch (const exporter::ConfigError& error) {
      FAIL_CHECK(error.what());
    }
  }
}
