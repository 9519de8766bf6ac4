// The text of a configuration file.

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "exporter/config/config.h"
#include "exporter/config/values.h"
#include "tests/fuzz/property.h"

using fuzz::Expect;

namespace {

// In every apikey and in no other text that a message may show: names of options have no digits.
constexpr std::string_view kSentinel = "5EN71NEL";

exporter::Surroundings Around() {
  return {[](const std::string& name) -> std::optional<std::string> {
            if (name == "MDCLOUD_EU") return "eu-5EN71NEL";
            if (name == "SPACED") return "5EN71NEL with spaces";
            return std::nullopt;
          },
          [](const std::string& path, std::size_t) -> tl::expected<std::string, std::string> {
            if (path == "keys/one") return "one-5EN71NEL\n";
            if (path == "keys/two") return "two-5EN71NEL\r\n";
            if (path == "keys/bad") return "bad 5EN71NEL\n5EN71NEL\n";
            if (path == "ca.pem") return "-----BEGIN CERTIFICATE-----\n";
            return tl::unexpected(std::string("No such file or directory"));
          },
          [](const std::string& path) -> tl::expected<std::vector<std::string>, std::string> {
            if (path == "keys") return std::vector<std::string>{"bad", "one", "two"};
            if (path == "empty") return std::vector<std::string>{};
            return tl::unexpected(std::string("No such file or directory"));
          },
          [](const std::string&) { return true; }};
}

void CheckConfig(const exporter::Config& config) {
  Expect(!config.keys.empty(), "a configuration has a key");
  std::set<std::string> names;
  for (const auto& key : config.keys) {
    Expect(exporter::IsKeyName(key->name), "a key's name is one");
    Expect(names.insert(key->name).second, "a key's name is its own");
    const std::string_view secret = key->secret.Reveal();
    Expect(!secret.empty() && secret.size() <= 512 &&
               std::ranges::all_of(secret, [](char c) { return c > ' ' && c <= '~'; }),
           "an apikey can be sent");
    Expect(key->base_url.starts_with("https://") || key->base_url.starts_with("http://"),
           "a base URL is one");
    Expect(key->scrape_interval.count() >= 1000 && key->info_interval.count() >= 1000 &&
               key->scrape_timeout.count() >= 100,
           "intervals are bounded");
    Expect(std::ranges::find(key->collectors, true) != key->collectors.end(), "something is asked");
    Expect(key->labels.size() <= 32 && !key->labels.contains("key"), "labels are bounded");
  }
  for (const std::string& warning : config.warnings) {
    Expect(warning.find(kSentinel) == std::string::npos, "a warning shows no apikey");
  }
}

void CheckProblems(const exporter::ConfigError& error) {
  Expect(!error.Problems().empty(), "a refusal says why");
  for (const exporter::Problem& problem : error.Problems()) {
    Expect(problem.position.line > 0 && problem.position.column > 0, "a problem has a place");
    Expect(!problem.message.empty(), "a problem is told");
    Expect(std::ranges::all_of(problem.message, [](char c) { return c >= ' ' && c <= '~'; }),
           "a message is printable");
    Expect(problem.message.find(kSentinel) == std::string::npos, "a message shows no apikey");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const exporter::Surroundings kAround = Around();
  try {
    CheckConfig(exporter::ParseConfig(fuzz::TextOf(data, size), "fuzz.yaml", kAround));
  } catch (const exporter::ConfigError& error) {
    CheckProblems(error);
  }
  return 0;
}
