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
#include "exporter/config/connection.h"
#include "exporter/config/environment_config.h"
#include "exporter/config/key_options.h"
#include "exporter/config/paths.h"
#include "exporter/config/text_wiper.h"
#include "exporter/config/values.h"
#include "exporter/config/yaml_reader.h"

namespace exporter {
namespace {

using Kind = YamlNode::Kind;

constexpr std::size_t kMaxConfigFile = 1024UL * 1024;

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
  ConfigReader(const std::string& file, const Surroundings& around, const Config* in_force)
      : file_(file), around_(around), in_force_(in_force), problems_(file) {
    if (in_force == nullptr) return;
    for (const auto& key : in_force->keys) keys_in_force_.emplace(key->name, key.get());
  }

  Config Read(std::string_view text) {
    const YamlDocument document(ParseYaml(text, problems_));
    ReadTop(document.Root());
    problems_.ThrowIfAny();
    WarnOfEqualApikeys();
    WarnOfUnusedVariables();
    for (Key& key : keys_) {
      config_.keys.push_back(std::make_shared<const scrape::ApiKey>(std::move(key.key)));
    }
    config_.connections = connections_.All();
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
      ReadGlobal(*global, file_, problems_, defaults_, config_.options);
      (void)connections_.Get(defaults_.connection, defaults_.places);
    }
    if (const YamlNode* history = top.Find("history")) {
      ReadHistory(*history, problems_, defaults_.history);
    }
    if (const YamlNode* level = top.Find("log_level")) {
      config_.log_level = ReadLogLevel(*level, problems_);
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
    ReadOverrides(reader, Section::kKey, file_, problems_, options);
    const auto connection = connections_.Get(options.connection, options.places);
    const std::optional<std::string> name = ReadName(entry, reader);
    const scrape::ApiKey* before = name ? InForce(*name, "") : nullptr;
    std::optional<CurrentSecret> secret = ReadSecret(entry, reader, before);
    if (!name || !secret) return;
    AddKey(*name, std::move(*secret), {options, connection}, entry.position);
  }

  struct CurrentSecret {
    scrape::Secret secret;
    bool kept = false;  // the one in force: its file cannot be read
  };

  struct KeySettings {
    const KeyOptions& options;
    const std::shared_ptr<const scrape::Connection>& connection;
  };

  void AddKey(const std::string& name, CurrentSecret secret, const KeySettings& settings,
              Position position) {
    scrape::ApiKey key =
        MakeApiKey(name, std::move(secret.secret), settings.options, settings.connection);
    key.secret_unreadable = secret.kept;
    keys_.push_back({std::move(key), position});
  }

  // The key of this name in force, from the same directory, or from none; null without.
  [[nodiscard]] const scrape::ApiKey* InForce(const std::string& name,
                                              std::string_view directory) const {
    const auto found = keys_in_force_.find(name);
    if (found == keys_in_force_.end()) return nullptr;
    const auto from = in_force_->directory_of.find(name);
    const bool same =
        from == in_force_->directory_of.end() ? directory.empty() : from->second == directory;
    return same ? found->second : nullptr;
  }

  CurrentSecret Keep(const scrape::ApiKey& before, Position position, const std::string& why) {
    Report(position, why, "the apikey that was read before stays in use");
    return {scrape::Secret(before.secret.Reveal()), true};
  }

  // Of what a file holds that can change: an error unless a configuration is in force; then what
  // becomes of it is told, too.
  void Report(Position position, std::string message, std::string_view consequence) {
    if (in_force_ == nullptr) {
      problems_.Add(position, std::move(message));
    } else {
      config_.kept.push_back(
          Problem{file_, position, fmt::format("{}; {}", message, consequence)}.Text());
    }
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

  std::optional<CurrentSecret> ReadSecret(const YamlNode& entry, const MapReader& reader,
                                          const scrape::ApiKey* before) {
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
    if (secret) return CurrentSecret{std::move(*secret)};
    const std::string why = fmt::format("{} {}", source->name, secret.error());
    if (before != nullptr) return Keep(*before, source->position, why);
    problems_.Add(source->position, why);
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
    ReadOverrides(reader, Section::kKeyDirectory, file_, problems_, options);
    const auto connection = connections_.Get(options.connection, options.places);
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
      Report(path->position, fmt::format("path cannot be read: {}", files.error()),
             "its keys stay as they are");
      if (in_force_ != nullptr) KeepAllOf(directory, *path, {options, connection});
      return;
    }
    if (files->empty()) problems_.Warn(path->position, "there is no apikey in this directory");
    for (const std::string& name : *files) {
      ReadKeyFile(directory, name, *path, {options, connection});
    }
  }

  void KeepAllOf(const std::string& directory, const YamlNode& path, const KeySettings& settings) {
    for (const auto& [name, from] : in_force_->directory_of) {
      if (from != directory) continue;
      const scrape::ApiKey* before = InForce(name, directory);
      if (before == nullptr || !names_.emplace(name, path.position.line).second) continue;
      config_.directory_of[name] = directory;
      AddKey(name, {scrape::Secret(before->secret.Reveal()), true}, settings, path.position);
    }
  }

  void ReadKeyFile(const std::string& in, const std::string& name, const YamlNode& directory,
                   const KeySettings& settings) {
    const auto describe = [&](const std::string& why) {
      return fmt::format("its file '{}' {}", Printable(name), why);
    };
    const auto refuse = [&](const std::string& why) {
      Report(directory.position, describe(why), "it is left out");
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
    auto secret = ApiKeyFromFile(fmt::format("{}/{}", in, name), around_);
    const scrape::ApiKey* before = secret ? nullptr : InForce(name, in);
    if (!secret && before == nullptr) {
      names_.erase(first);
      refuse(secret.error());
      return;
    }
    config_.directory_of[name] = in;
    AddKey(name,
           secret ? CurrentSecret{std::move(*secret)}
                  : Keep(*before, directory.position, describe(secret.error())),
           settings, directory.position);
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
  const Config* const in_force_;  // null: every problem is one
  std::map<std::string_view, const scrape::ApiKey*> keys_in_force_;
  ProblemList problems_;
  Config config_;
  KeyOptions defaults_ = DefaultKeyOptions();
  Connections connections_{around_, problems_,
                           in_force_ == nullptr ? nullptr : &in_force_->connections,
                           [this](Position position, const std::string& why) {
                             Report(position, why, "what was read before stays in use");
                           }};
  std::vector<Key> keys_;
  std::map<std::string, int> names_;  // with the line that gave it
  std::set<std::string> variables_used_;
};

}  // namespace

Config ParseConfig(std::string_view text, const std::string& file, const Surroundings& around,
                   const Config* in_force) {
  return ConfigReader(file, around, in_force).Read(text);
}

ConfigText ReadConfigText(const ConfigFile& file, const Surroundings& around) {
  if (!file.given && !around.exists(file.path)) return {.from_environment = true, .text = {}};
  auto text = around.read_file(file.path, kMaxConfigFile);
  if (!text) {
    throw ConfigError({{file.path, {}, fmt::format("cannot be read: {}", text.error())}});
  }
  const std::unique_ptr<std::string, TextWiper> wiper(&*text);
  return {.from_environment = false, .text = scrape::Secret(*text)};
}

Config ReadConfig(const ConfigText& text, const ConfigFile& file, const Surroundings& around,
                  const Config* in_force) {
  Config config = text.from_environment
                      ? ConfigFromEnvironment(file.path, around, in_force)
                      : ParseConfig(text.text.Reveal(), file.path, around, in_force);
  config.shard = file.shard;
  std::erase_if(config.keys, [&file](const auto& key) { return !file.shard.Owns(key->name); });
  int& rejected = config.options.max_rejected_requests_per_hour;
  rejected = std::max(1, rejected / file.shard.total);
  return config;
}

Config LoadConfig(const ConfigFile& file, const Surroundings& around) {
  return ReadConfig(ReadConfigText(file, around), file, around);
}

}  // namespace exporter
