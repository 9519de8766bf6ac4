// What the fixtures of web_config_files_test cannot show: where files are looked for, certificates
// in a block of text, and the list of options.

#include "exporter/config/web_config.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "exporter/config/web_options.h"
#include "tests/read_text.h"
#include "web_fixture.h"

namespace {

using exporter::WebOption;
using exporter::WebSection;

std::string Indented(const std::string& text) {
  std::string indented = "    ";
  for (const char c : text) indented += c == '\n' ? std::string("\n    ") : std::string(1, c);
  return indented + "\n";
}

std::string ProblemsOf(WebFixture& fixture, const std::string& text) {
  try {
    (void)fixture.Load("web.yml", text);
  } catch (const exporter::ConfigError& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("certificates may stand in the file as a block of text") {
  WebFixture fixture;
  const auto config = fixture.Load(
      "web.yml", "tls_server_config:\n  cert: |\n" + Indented(fixture.Content("cert.pem")) +
                     "  key: |\n" + Indented(fixture.Content("key.pem")));
  REQUIRE(config.tls);
  CHECK(config.tls->certificate == fixture.Content("cert.pem"));
  CHECK(config.tls->private_key == fixture.Content("key.pem"));
}

TEST_CASE("relative paths start at the directory of the file, absolute ones do not") {
  WebFixture fixture;
  fixture.Write("etc/web/tls/cert.pem", fixture.Content("cert.pem"));
  fixture.Write("/run/key.pem", fixture.Content("key.pem"));
  const auto config = fixture.Load(
      "etc/web/web.yml", "tls_server_config: {cert_file: tls/cert.pem, key_file: /run/key.pem}");
  REQUIRE(config.tls);
  CHECK(config.files ==
        std::vector<std::string>{"etc/web/web.yml", "etc/web/tls/cert.pem", "/run/key.pem"});
}

TEST_CASE("a file that cannot be read is a problem of the file as a whole") {
  const FakeSurroundings fake;
  CHECK_THROWS_WITH_AS((void)exporter::LoadWebConfig("absent.yml", fake.Get()),
                       "absent.yml: cannot be read: No such file or directory",
                       exporter::ConfigError);
}

TEST_CASE("every option of the list is read, or refused by name") {
  WebFixture fixture;
  for (const WebOption& option : exporter::kWebOptions) {
    const std::string section(NameOf(option.section));
    const std::string entry = std::string(option.name) + ": {nonsense: [1]}\n";
    const std::string text = section.empty() ? entry : section + ":\n  " + entry;
    CAPTURE(text);
    const std::string problems = ProblemsOf(fixture, text);
    const std::string name(option.name);
    if (!option.refusal.empty()) {
      CHECK(problems.find(name + " is not supported: ") != std::string::npos);
      CHECK(problems.find(name + " must be ") == std::string::npos);
    } else if (option.section == WebSection::kTop || option.name == "headers") {
      CHECK(problems != "accepted");
    } else {
      CHECK(problems.find(name + " must be ") != std::string::npos);
    }
    CHECK(problems.find("'" + name + "' is not an option") == std::string::npos);
  }
}

TEST_CASE("docs/securing.md tells of every option") {
  const std::string text =
      test::ReadText(std::filesystem::path(MDCLOUD_SOURCE_DIR) / "docs/securing.md");
  for (const WebOption& option : exporter::kWebOptions) {
    const std::string name = "`" + std::string(option.name) + "`";
    CAPTURE(name);
    const bool heading = option.section == WebSection::kTop && option.refusal.empty();
    const std::string begin = !option.refusal.empty() ? "### What is refused"
                              : heading               ? "## Reference"
                                        : "### `" + std::string(NameOf(option.section)) + "`";
    const std::size_t section = text.find(begin);
    REQUIRE(section != std::string::npos);
    const std::string row = heading                  ? "### " + name
                            : option.refusal.empty() ? "| " + name + " |"
                                                     : name;
    CHECK(text.find(row, section) != std::string::npos);
  }
}
