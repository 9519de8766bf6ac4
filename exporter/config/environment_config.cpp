#include "exporter/config/environment_config.h"

#include <fmt/format.h>

#include <memory>
#include <utility>
#include <vector>

#include "exporter/config/apikey_source.h"
#include "exporter/config/base_url.h"
#include "exporter/config/key_options.h"
#include "scrape/connection.h"

namespace exporter {

Config ConfigFromEnvironment(const std::string& file, const Surroundings& around,
                             const Config* in_force) {
  const std::string key_file = around.variable(kKeyFileVariable).value_or("");
  const bool has_key = !around.variable(kKeyVariable).value_or("").empty();
  if (key_file.empty() && !has_key) {
    const bool set = around.variable(kKeyVariable) || around.variable(kKeyFileVariable);
    throw ConfigError(
        {{file,
          {},
          fmt::format("there is no configuration: set {} (or {}){}, or write this file (see "
                      "config.example.yaml), or name another one with --config.file; to look "
                      "around without an account: mdcloud_exporter demo",
                      kKeyVariable, kKeyFileVariable, set ? ", which is empty" : "")}});
  }
  std::vector<Problem> problems;
  Config config;
  const char* source = key_file.empty() ? kKeyVariable : kKeyFileVariable;
  auto secret = key_file.empty() ? ApiKeyFromVariable(kKeyVariable, around)
                                 : ApiKeyFromFile(key_file, around);
  bool kept = false;
  if (!secret) {
    const char* subject = key_file.empty() ? "the apikey" : "the file";
    Problem problem{source, {}, fmt::format("{} {}", subject, secret.error())};
    if (in_force != nullptr && !in_force->keys.empty()) {
      problem.message += "; the apikey that was read before stays in use";
      config.kept.push_back(problem.Text());
      secret = scrape::Secret(in_force->keys.front()->secret.Reveal());
      kept = true;
    } else {
      problems.push_back(std::move(problem));
    }
  }
  KeyOptions options = DefaultKeyOptions();
  const std::string base_url = around.variable(kBaseUrlVariable).value_or("");
  if (!base_url.empty()) {
    const auto url = NormalizeBaseUrl(base_url);
    if (!url) problems.push_back({kBaseUrlVariable, {}, url.error()});
    options.base_url = url.value_or("");
  }
  if (!problems.empty()) throw ConfigError(std::move(problems));
  scrape::ApiKey key =
      MakeApiKey("default", std::move(*secret), options, scrape::DefaultConnection());
  key.secret_unreadable = kept;
  config.keys.push_back(std::make_shared<const scrape::ApiKey>(std::move(key)));
  if (!key_file.empty() && has_key) {
    config.warnings.push_back(fmt::format("{} is set but not used, because {} is set, too",
                                          kKeyVariable, kKeyFileVariable));
  }
  return config;
}

}  // namespace exporter
