// The list of options against what the reader does, the example shows and the reference tells.

#include "exporter/config/options.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <set>
#include <string>
#include <utility>

#include "exporter/config/config.h"
#include "exporter/config/yaml_reader.h"
#include "fake_certificates.h"
#include "fake_surroundings.h"
#include "tests/read_text.h"

namespace {

using exporter::Option;
using exporter::Section;
using exporter::YamlNode;
using Path = std::pair<Section, std::string>;

std::string Content(const char* name) {
  return test::ReadText(std::filesystem::path(MDCLOUD_SOURCE_DIR) / name);
}

Section TlsOf(Section section) {
  if (section == Section::kKey) return Section::kKeyTls;
  return section == Section::kKeyDirectory ? Section::kKeyDirectoryTls : Section::kTls;
}

void Collect(Section section, const YamlNode& node, std::set<Path>& found) {
  for (const YamlNode& item : node.items) {
    found.emplace(section, item.name);
    if (section == Section::kTop && item.name == "global") Collect(Section::kGlobal, item, found);
    if (section == Section::kTop && item.name == "history") {
      Collect(Section::kHistory, item, found);
    }
    if (item.name == "tls_config") Collect(TlsOf(section), item, found);
    for (const auto& [name, inner] :
         {std::pair{"keys", Section::kKey}, std::pair{"key_directories", Section::kKeyDirectory}}) {
      if (section != Section::kTop || item.name != name) continue;
      for (const YamlNode& entry : item.items) Collect(inner, entry, found);
    }
  }
}

// A configuration in which only this option stands, with a value no option takes.
std::string WithNonsense(const Option& option) {
  const bool takes_map = option.name == "global" || option.name == "history" ||
                         option.name == "tls_config" || option.name == "labels";
  const std::string entry =
      std::string(option.name) + (takes_map ? ": nonsense\n" : ": {nonsense: 1}\n");
  switch (option.section) {
    case Section::kTop:
      return entry;
    case Section::kGlobal:
      return "global:\n  " + entry;
    case Section::kTls:
      return "global:\n  tls_config:\n    " + entry;
    case Section::kHistory:
      return "history:\n  " + entry;
    case Section::kKey:
      return "keys:\n  - " + entry;
    case Section::kKeyTls:
      return "keys:\n  - tls_config:\n      " + entry;
    case Section::kKeyDirectory:
      return "key_directories:\n  - " + entry;
    case Section::kKeyDirectoryTls:
      return "key_directories:\n  - tls_config:\n      " + entry;
  }
  return "";
}

}  // namespace

TEST_CASE("every option of the list is read") {
  const FakeSurroundings fake;
  for (const Option& option : exporter::kOptions) {
    const std::string text = WithNonsense(option);
    CAPTURE(text);
    std::string message;
    try {
      (void)exporter::ParseConfig(text, "f", fake.Get());
    } catch (const exporter::ConfigError& error) {
      message = error.what();
    }
    CHECK(message.find(std::string(option.name) + " must be ") != std::string::npos);
    CHECK(message.find("is not an option") == std::string::npos);
  }
}

TEST_CASE("config.example.yaml shows every option and loads") {
  exporter::ProblemList problems("config.example.yaml");
  std::set<Path> shown;
  Collect(Section::kTop, exporter::ParseYaml(Content("config.example.yaml"), problems), shown);
  std::set<Path> all;
  for (const Option& option : exporter::kOptions) all.emplace(option.section, option.name);
  CHECK(shown == all);

  FakeSurroundings fake = WithCertificates();
  fake.directories["/etc/mdcloud/keys"] = {};
  const auto config =
      exporter::ParseConfig(Content("config.example.yaml"), "config.example.yaml", fake.Get());
  CHECK(config.keys.size() == 3);
}

TEST_CASE("config.example.yaml shows the defaults, and they are what applies without it") {
  const std::string example = Content("config.example.yaml");
  std::string spelled_out = "global:\n";
  std::string tls;
  std::string history;
  for (const Option& option : exporter::kOptions) {
    if (option.default_value.empty()) continue;
    const std::string line =
        std::string(option.name) + ": " + std::string(option.default_value) + "\n";
    CAPTURE(line);
    CHECK(example.find("  " + line) != std::string::npos);
    switch (option.section) {
      case Section::kTls:
        tls += "      " + line;
        break;
      case Section::kHistory:
        history += "    " + line;
        break;
      default:
        spelled_out += "    " + line;
    }
  }
  spelled_out += "    tls_config:\n" + tls + "history:\n" + history;
  const std::string keys = "keys: [{name: a, apikey_file: keys/production}]\n";
  const FakeSurroundings fake;
  const auto with = exporter::ParseConfig(spelled_out + keys, "f", fake.Get());
  const auto without = exporter::ParseConfig(keys, "f", fake.Get());
  CHECK(with.options.max_concurrent_requests == without.options.max_concurrent_requests);
  CHECK(with.options.max_requests_per_second == without.options.max_requests_per_second);
  CHECK(with.options.max_rejected_requests_per_hour ==
        without.options.max_rejected_requests_per_hour);
  const scrape::ApiKey& a = *with.keys.at(0);
  const scrape::ApiKey& b = *without.keys.at(0);
  CHECK(a.base_url == b.base_url);
  CHECK(a.collectors == b.collectors);
  CHECK(a.scrape_interval == b.scrape_interval);
  CHECK(a.info_interval == b.info_interval);
  CHECK(a.history_interval == b.history_interval);
  CHECK(a.history == b.history);
  CHECK(a.scrape_timeout == b.scrape_timeout);
  CHECK(a.max_staleness == b.max_staleness);
  CHECK(a.quota_window == b.quota_window);
  CHECK(*a.connection == *b.connection);
  CHECK(a.nickname_label == b.nickname_label);
}

TEST_CASE("docs/configuration.md tells of every option and its default") {
  const std::string reference = Content("docs/configuration.md");
  for (const Option& option : exporter::kOptions) {
    const std::string heading = option.section == Section::kTop
                                    ? "## The configuration file"
                                    : "### `" + std::string(NameOf(option.section)) + "`";
    const std::string row = "| `" + std::string(option.name) + "` |";
    CAPTURE(heading);
    CAPTURE(row);
    const std::size_t section = reference.find(heading);
    REQUIRE(section != std::string::npos);
    const std::size_t found = reference.find(row, section);
    REQUIRE(found < reference.find("\n### ", section + 1));
    if (option.default_value.empty()) continue;
    const std::string line = reference.substr(found, reference.find('\n', found) - found);
    CHECK(line.find("`" + std::string(option.default_value) + "`") != std::string::npos);
  }
}

TEST_CASE("a slip of the pen finds the option that was meant") {
  const auto global = exporter::NamesIn(Section::kGlobal);
  CHECK(exporter::NearestName("scrape_intervall", global) == "scrape_interval");
  CHECK(exporter::NearestName("colector", global) == "collectors");
  CHECK(exporter::NearestName("base-url", global) == "base_url");
  CHECK(exporter::NearestName("histories", global).empty());
  CHECK(exporter::NearestName(std::string(1000, 'a'), global).empty());
}
