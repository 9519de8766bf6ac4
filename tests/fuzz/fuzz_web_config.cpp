// The text of the file of --web.config.file.

#include <algorithm>
#include <string>
#include <vector>

#include "exporter/config/web_config.h"
#include "http/bcrypt.h"
#include "tests/fuzz/property.h"

using fuzz::Expect;

namespace {

constexpr const char* kFile = "fuzz.yml";
// In every file that is read and in no other text that a message may show.
constexpr std::string_view kSentinel = "5EN71NEL";

bool IsPrintable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

exporter::Surroundings Around(std::string text) {
  return {[](const std::string&) { return std::nullopt; },
          [text = std::move(text)](const std::string& path,
                                   std::size_t) -> tl::expected<std::string, std::string> {
            if (path == kFile) return text;
            if (path == "cert.pem") return "-----BEGIN CERTIFICATE-----\n5EN71NEL\n";
            if (path == "key.pem") return "-----BEGIN PRIVATE KEY-----\n5EN71NEL\n";
            return tl::unexpected(std::string("No such file or directory"));
          },
          [](const std::string&) -> tl::expected<std::vector<std::string>, std::string> {
            return std::vector<std::string>();
          },
          [](const std::string&) { return true; }};
}

void CheckConfig(const exporter::WebConfig& config) {
  for (const auto& [name, hash] : config.users) {
    Expect(!name.empty() && name.find(':') == std::string::npos, "a user's name can be sent");
    Expect(http::BcryptCost(hash).has_value(), "a user has a bcrypt hash");
  }
  for (const auto& [name, value] : config.headers) {
    Expect(IsPrintable(name) && IsPrintable(value) && !value.empty(), "a header can be sent");
  }
  for (const auto& lines : {config.warnings, config.notices}) {
    for (const std::string& line : lines) {
      Expect(IsPrintable(line), "a warning is printable");
      Expect(line.find(kSentinel) == std::string::npos, "a warning shows no value");
    }
  }
}

void CheckProblems(const exporter::ConfigError& error) {
  Expect(!error.Problems().empty(), "a refusal says why");
  for (const exporter::Problem& problem : error.Problems()) {
    Expect(problem.position.line > 0 && problem.position.column > 0, "a problem has a place");
    Expect(IsPrintable(problem.message) && !problem.message.empty(), "a problem is told");
    Expect(problem.message.find(kSentinel) == std::string::npos, "a message shows no value");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    CheckConfig(exporter::LoadWebConfig(kFile, Around(std::string(fuzz::TextOf(data, size)))));
  } catch (const exporter::ConfigError& error) {
    CheckProblems(error);
  }
  return 0;
}
