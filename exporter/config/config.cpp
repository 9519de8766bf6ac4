#include "exporter/config/config.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "exporter/config/apikey_source.h"
#include "exporter/config/base_url.h"
#include "exporter/config/key_options.h"
#include "exporter/config/values.h"
#include "exporter/config/yaml_reader.h"

namespace exporter {
namespace {

using Kind = YamlNode::Kind;

constexpr std::size_t kMaxConfigFile = 1024UL * 1024;
constexpr const char* kKeyVariable = "MDCLOUD_APIKEY";
constexpr const char* kKeyFileVariable = "MDCLOUD_APIKEY_FILE";
constexpr const char* kBaseUrlVariable = "MDCLOUD_BASE_URL";

bool IsVariableName(std::string_view name) {
  const auto good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !name.empty() && (name[0] < '0' || name[0] > '9') && std::ranges::all_of(name, good);
}

// A file's name as it may stand in a message: printable ASCII only.
std::string Printable(std::string name) {
  std::ranges::replace_if(
      name, [](char c) { return c < ' ' || c > '~'; }, '?');
  return name;
}

// Reads one file's text; a member function for each section.
class ConfigReader {
 public:
  ConfigReader(const std::string& file, const Surroundings& around)
      : file_(file), around_(around), problems_(file) {}

  Config Read(std::string_view text) {
    const YamlDocument document(ParseYaml(text, problems_));
    ReadTop(document.Root());
    problems_.ThrowIfAny();
    WarnOfEqualApikeys();
    WarnOfUnusedVariables();
    for (Key& key : keys_) {
      config_.keys.push_back(std::make_shared<const scrape::ApiKey>(std::move(key.key)));
    }
    config_.warnings = problems_.Warnings();
    return std::move(config_);
  }

 private:
  struct Key {
    scrape::ApiKey key;
    Position position;
  };

  void ReadTop(const YamlNode& root) {
    constexpr Position kStart{1, 1};
    if (root.kind == Kind::kMissing) {
      problems_.Add(kStart, "the file is empty; it needs keys or key_directories");
    }
    if (root.kind == Kind::kMissing || !Is(Kind::kMap, root, "a map of options", problems_)) return;
    const MapReader top(root, Section::kTop, problems_);
    if (const YamlNode* global = top.Find("global")) {
      ReadGlobal(*global, file_, around_, problems_, defaults_, config_.options);
    }
    ReadList(top, "keys", &ConfigReader::ReadKey);
    ReadList(top, "key_directories", &ConfigReader::ReadKeyDirectory);
    const bool none = std::ranges::all_of(std::array{"keys", "key_directories"}, [&](auto name) {
      const YamlNode* list = top.Peek(name);
      return list == nullptr || (list->kind == Kind::kList && list->items.empty());
    });
    if (none) problems_.Add(kStart, "there are no apikeys; keys or key_directories is needed");
  }

  void ReadList(const MapReader& top, std::string_view name,
                void (ConfigReader::*read)(const YamlNode&)) {
    const YamlNode* list = top.Find(name);
    if (list == nullptr || !Is(Kind::kList, *list, "a list", problems_)) return;
    for (const YamlNode& entry : list->items) {
      if (Is(Kind::kMap, entry, "a map of options", problems_)) (this->*read)(entry);
    }
  }

  void ReadKey(const YamlNode& entry) {
    const MapReader reader(entry, Section::kKey, problems_);
    KeyOptions options = defaults_;
    ReadOverrides(reader, problems_, options);
    const std::optional<std::string> name = ReadName(entry, reader);
    std::optional<scrape::Secret> secret = ReadSecret(entry, reader);
    if (!name || !secret) return;
    keys_.push_back({MakeApiKey(*name, std::move(*secret), options), entry.position});
  }

  std::optional<std::string> ReadName(const YamlNode& entry, const MapReader& reader) {
    if (reader.Peek("name") == nullptr) problems_.Add(entry.position, "a key needs a name");
    const YamlNode* node = reader.Find("name");
    if (node == nullptr) return std::nullopt;
    auto name = ReadText(*node, problems_);
    if (!name) return std::nullopt;
    if (!IsKeyName(*name)) {
      problems_.Add(node->position, fmt::format("name must be {}", kKeyNameRule));
      return std::nullopt;
    }
    const auto [first, inserted] = names_.emplace(*name, node->position.line);
    if (inserted) return name;
    problems_.Add(node->position,
                  fmt::format("name is also that of the key in line {}; names must be unique",
                              first->second));
    return std::nullopt;
  }

  std::optional<scrape::Secret> ReadSecret(const YamlNode& entry, const MapReader& reader) {
    const YamlNode* source = nullptr;
    for (const char* name : {"apikey_file", "apikey_env", "apikey"}) {
      const YamlNode* node = reader.Peek(name);
      if (node == nullptr) continue;
      if (source != nullptr) {
        problems_.Add(node->name_position,
                      fmt::format("{} is one too many: line {} has {}; a key has one of "
                                  "apikey_file, apikey_env and apikey",
                                  name, source->name_position.line, source->name));
        return std::nullopt;
      }
      source = node;
    }
    if (source == nullptr) {
      problems_.Add(entry.position, "a key needs one of apikey_file, apikey_env and apikey");
      return std::nullopt;
    }
    if (reader.Find(source->name) == nullptr) return std::nullopt;
    // An apikey's characters are judged with its length, and a block (|) of one line will do.
    const bool readable = source->name == "apikey" ? Is(Kind::kText, *source, "text", problems_)
                                                   : ReadText(*source, problems_).has_value();
    if (!readable) return std::nullopt;
    auto secret = SecretFrom(*source);
    if (secret) return std::move(*secret);
    problems_.Add(source->position, fmt::format("{} {}", source->name, secret.error()));
    return std::nullopt;
  }

  ApiKeyResult SecretFrom(const YamlNode& source) {
    if (source.name == "apikey_file") {
      return ApiKeyFromFile(ResolvePath(file_, source.text), around_)
          .map_error([&source](const std::string& error) {
            const bool explain = error.starts_with(kUnreadable) && !source.text.starts_with('/');
            return fmt::format(
                "names a file that {}{}", error,
                explain ? "; a relative path starts at the directory of this file" : "");
          });
    }
    if (source.name == "apikey_env") {
      if (!IsVariableName(source.text)) {
        return tl::unexpected(
            std::string("must be the name of an environment variable: letters, digits and '_'"));
      }
      variables_used_.insert(source.text);
      return ApiKeyFromVariable(source.text, around_).map_error([](const std::string& error) {
        return "names a variable that " + error;
      });
    }
    problems_.Warn(source.position,
                   "an apikey in the configuration itself is readable for everybody who may read "
                   "that; apikey_file or apikey_env is better");
    const std::string_view text = source.text;
    return ApiKeyFromText(text.substr(0, text.find_last_not_of('\n') + 1));
  }

  void ReadKeyDirectory(const YamlNode& entry) {
    const MapReader reader(entry, Section::kKeyDirectory, problems_);
    KeyOptions options = defaults_;
    ReadOverrides(reader, problems_, options);
    if (reader.Peek("path") == nullptr) {
      problems_.Add(entry.position, "a key directory needs a path");
    }
    const YamlNode* path = reader.Find("path");
    if (path == nullptr) return;
    const auto text = ReadText(*path, problems_);
    if (!text) return;
    const std::string directory = ResolvePath(file_, *text);
    const auto files = around_.list_files(directory);
    if (!files) {
      problems_.Add(path->position, fmt::format("path cannot be read: {}", files.error()));
      return;
    }
    if (files->empty()) problems_.Warn(path->position, "there is no apikey in this directory");
    for (const std::string& name : *files) {
      ReadKeyFile(fmt::format("{}/{}", directory, name), name, *path, options);
    }
  }

  void ReadKeyFile(const std::string& path, const std::string& name, const YamlNode& directory,
                   const KeyOptions& options) {
    const auto refuse = [&](const std::string& why) {
      problems_.Add(directory.position, fmt::format("its file '{}' {}", Printable(name), why));
    };
    if (!IsKeyName(name)) {
      refuse(fmt::format("has a name that cannot be a key's: {}", kKeyNameRule));
      return;
    }
    const auto [first, inserted] = names_.emplace(name, directory.position.line);
    if (!inserted) {
      refuse(fmt::format("has the name of a key in line {}; names must be unique", first->second));
      return;
    }
    auto secret = ApiKeyFromFile(path, around_);
    if (!secret) {
      refuse(secret.error());
      return;
    }
    keys_.push_back({MakeApiKey(name, std::move(*secret), options), directory.position});
  }

  void WarnOfEqualApikeys() {
    std::map<std::string_view, const Key*> by_apikey;  // lives shorter than the secrets it views
    for (const Key& key : keys_) {
      const auto [first, inserted] = by_apikey.emplace(key.key.secret.Reveal(), &key);
      if (inserted) continue;
      problems_.Warn(key.position, fmt::format("keys '{}' and '{}' have the same apikey: its use "
                                               "is counted twice",
                                               first->second->key.name, key.key.name));
    }
  }

  void WarnOfUnusedVariables() {
    for (const char* name : {kKeyVariable, kKeyFileVariable, kBaseUrlVariable}) {
      if (variables_used_.contains(name) || around_.variable(name).value_or("").empty()) continue;
      problems_.Warn({}, fmt::format("{} is set but not used, because there is this file", name));
    }
  }

  const std::string& file_;
  const Surroundings& around_;
  ProblemList problems_;
  Config config_;
  KeyOptions defaults_ = DefaultKeyOptions();
  std::vector<Key> keys_;
  std::map<std::string, int> names_;  // with the line that gave it
  std::set<std::string> variables_used_;
};

// Zeroes a text that somebody else owns.
struct TextWiper {
  void operator()(std::string* text) const { scrape::WipeMemory(text->data(), text->size()); }
};

[[noreturn]] void Refuse(std::string source, std::string message) {
  throw ConfigError({{std::move(source), {}, std::move(message)}});
}

Config ConfigFromEnvironment(const std::string& file, const Surroundings& around) {
  const std::string key_file = around.variable(kKeyFileVariable).value_or("");
  const bool has_key = !around.variable(kKeyVariable).value_or("").empty();
  if (key_file.empty() && !has_key) {
    Refuse(file, fmt::format("there is no configuration: set {} (or {}), or write this file (see "
                             "config.example.yaml), or name another one with --config.file",
                             kKeyVariable, kKeyFileVariable));
  }
  std::vector<Problem> problems;
  const char* source = key_file.empty() ? kKeyVariable : kKeyFileVariable;
  auto secret = key_file.empty() ? ApiKeyFromVariable(kKeyVariable, around)
                                 : ApiKeyFromFile(key_file, around);
  if (!secret) {
    const char* subject = key_file.empty() ? "the apikey" : "the file";
    problems.push_back({source, {}, fmt::format("{} {}", subject, secret.error())});
  }
  KeyOptions options = DefaultKeyOptions();
  const std::string base_url = around.variable(kBaseUrlVariable).value_or("");
  if (!base_url.empty()) {
    const auto url = NormalizeBaseUrl(base_url);
    if (!url) problems.push_back({kBaseUrlVariable, {}, url.error()});
    options.base_url = url.value_or("");
  }
  if (!problems.empty()) throw ConfigError(std::move(problems));
  Config config;
  config.keys.push_back(
      std::make_shared<const scrape::ApiKey>(MakeApiKey("default", std::move(*secret), options)));
  if (!key_file.empty() && has_key) {
    config.warnings.push_back(fmt::format("{} is set but not used, because {} is set, too",
                                          kKeyVariable, kKeyFileVariable));
  }
  return config;
}

}  // namespace

Config ParseConfig(std::string_view text, const std::string& file, const Surroundings& around) {
  return ConfigReader(file, around).Read(text);
}

Config LoadConfig(const ConfigFile& file, const Surroundings& around) {
  if (!file.given && !around.exists(file.path)) return ConfigFromEnvironment(file.path, around);
  auto text = around.read_file(file.path, kMaxConfigFile);
  if (!text) Refuse(file.path, fmt::format("cannot be read: {}", text.error()));
  const std::unique_ptr<std::string, TextWiper> wiper(&*text);
  return ParseConfig(*text, file.path, around);
}

}  // namespace exporter
