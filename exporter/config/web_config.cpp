#include "exporter/config/web_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <set>
#include <string_view>
#include <utility>

#include "exporter/config/text_wiper.h"
#include "exporter/config/values.h"
#include "exporter/config/web_tls.h"
#include "exporter/config/yaml_reader.h"
#include "http/bcrypt.h"

namespace exporter {
namespace {

using Kind = YamlNode::Kind;

constexpr std::size_t kMaxWebConfigFile = 1024UL * 1024;
constexpr std::size_t kMaxUserName = 128;
constexpr int kPatientCost = 14;  // above it, one password takes seconds

struct HeaderRule {
  std::string_view name;
  std::vector<std::string_view> values;  // the only ones allowed; empty: any
};

const std::vector<HeaderRule>& HeaderRules() {
  static const std::vector<HeaderRule> rules = {{"Content-Security-Policy", {}},
                                                {"Strict-Transport-Security", {}},
                                                {"X-Content-Type-Options", {"nosniff"}},
                                                {"X-Frame-Options", {"deny", "sameorigin"}},
                                                {"X-XSS-Protection", {}}};
  return rules;
}

class WebConfigReader {
 public:
  WebConfigReader(const std::string& file, const Surroundings& around)
      : file_(file), around_(around), problems_(file) {
    config_.files.push_back(file);
  }

  WebConfig Read(std::string_view text) {
    const YamlDocument document(ParseYaml(text, problems_));
    ReadTop(document.Root());
    problems_.ThrowIfAny();
    config_.warnings = problems_.Warnings();
    return std::move(config_);
  }

 private:
  void ReadTop(const YamlNode& root) {
    const bool empty =
        root.kind == Kind::kMissing || (root.kind == Kind::kMap && root.items.empty());
    if (empty) {
      problems_.Warn({1, 1}, "this file configures nothing: everybody may read everything");
      return;
    }
    if (!Is(Kind::kMap, root, "a map of options", problems_)) return;
    const MapReader top = ReadWebSection(root, WebSection::kTop, problems_);
    const YamlNode* tls = top.Find("tls_server_config");
    if (tls != nullptr) {
      config_.tls = ReadTlsServerConfig(*tls, file_, around_, problems_, config_.files);
    }
    if (const YamlNode* http = top.Find("http_server_config")) ReadHttp(*http);
    if (const YamlNode* users = top.Find("basic_auth_users")) {
      ReadUsers(*users);
      if (tls == nullptr) {
        problems_.Warn(users->name_position,
                       "basic_auth_users without tls_server_config: passwords cross the network "
                       "readable for everybody on the way");
      }
    }
  }

  void ReadHttp(const YamlNode& node) {
    if (!Is(Kind::kMap, node, "a map of options", problems_)) return;
    const MapReader reader = ReadWebSection(node, WebSection::kHttp, problems_);
    if (const YamlNode* http2 = reader.Find("http2")) {
      const auto wanted = ReadBool(*http2, problems_);
      if (wanted == true) {
        config_.notices.push_back(
            Problem{file_, http2->position, "http2 is accepted, but HTTP/1.1 is what is spoken"}
                .Text());
      }
    }
    if (const YamlNode* headers = reader.Find("headers")) ReadHeaders(*headers);
  }

  void ReadHeaders(const YamlNode& node) {
    if (!Is(Kind::kMap, node, "a map of names and values", problems_)) return;
    MapNames names{.where = "headers", .allowed = {}, .judged = {}};
    for (const HeaderRule& rule : HeaderRules()) names.allowed.push_back(rule.name);
    const MapReader reader(node, names, problems_);
    for (const HeaderRule& rule : HeaderRules()) {
      const YamlNode* header = reader.Find(rule.name);
      if (header == nullptr) continue;
      const auto value = ReadText(*header, problems_);
      if (!value || value->empty()) continue;  // an empty one is not sent
      if (!rule.values.empty()) {
        if (!ReadChoice(*header, rule.values, problems_)) continue;
      } else if (!std::ranges::all_of(*value, [](char c) { return c >= ' ' && c <= '~'; })) {
        problems_.Add(header->position, fmt::format("{} must be printable ASCII", rule.name));
        continue;
      }
      config_.headers.emplace(rule.name, *value);
    }
  }

  void ReadUsers(const YamlNode& node) {
    if (!Is(Kind::kMap, node, "a map of user names and bcrypt hashes", problems_)) return;
    if (node.items.empty()) {
      problems_.Add(node.position,
                    "basic_auth_users must name a user; without the line nobody is asked for a "
                    "password");
    }
    std::set<int> costs;
    for (const YamlNode& user : node.items) {
      if (const auto cost = ReadUser(user)) costs.insert(*cost);
    }
    if (costs.size() > 1) {
      problems_.Warn(node.name_position,
                     "the users' hashes differ in cost, so the time that a refusal takes tells "
                     "which users there are");
    }
  }

  // The cost of the user's hash.
  std::optional<int> ReadUser(const YamlNode& user) {
    const bool named = !user.name.empty() && user.name.size() <= kMaxUserName &&
                       std::ranges::all_of(user.name, [](char c) {
                         return c != ':' && static_cast<unsigned char>(c) >= ' ' && c != '\x7F';
                       });
    if (!named) {
      problems_.Add(user.name_position,
                    fmt::format("the name of a user must be 1 to {} bytes without ':' and control "
                                "characters",
                                kMaxUserName));
    }
    if (user.kind == Kind::kRefused) return std::nullopt;
    const auto cost = user.kind == Kind::kText ? http::BcryptCost(user.text) : std::nullopt;
    if (!cost) {
      problems_.Add(user.kind == Kind::kMissing ? user.name_position : user.position,
                    "the password of a user must be a bcrypt hash, as `htpasswd -nBC 10 USER` "
                    "prints it: $2y$ ($2a$, $2b$), a cost from 04 to 31, $ and 53 characters");
      return std::nullopt;
    }
    if (*cost > kPatientCost) {
      problems_.Warn(user.position,
                     fmt::format("a cost above {} takes seconds for every password that was not "
                                 "seen before",
                                 kPatientCost));
    }
    if (named) config_.users.emplace(user.name, user.text);
    return cost;
  }

  const std::string& file_;
  const Surroundings& around_;
  ProblemList problems_;
  WebConfig config_;
};

}  // namespace

WebConfig LoadWebConfig(const std::string& path, const Surroundings& around) {
  auto text = around.read_file(path, kMaxWebConfigFile);
  if (!text) {
    throw ConfigError({{path, {}, fmt::format("cannot be read: {}", text.error())}});
  }
  const std::unique_ptr<std::string, TextWiper> wiper(&*text);
  return WebConfigReader(path, around).Read(*text);
}

WebConfig LoadWebConfigIfAny(const std::string& web_config_file, const Surroundings& around) {
  return web_config_file.empty() ? WebConfig() : LoadWebConfig(web_config_file, around);
}

}  // namespace exporter
