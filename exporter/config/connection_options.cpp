#include "exporter/config/connection_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <utility>

#include "exporter/config/paths.h"
#include "exporter/config/proxy_url.h"

namespace exporter {
namespace {

using Kind = YamlNode::Kind;
using scrape::HttpVersion;

constexpr std::size_t kMaxServerName = 253;

void ReadHttpVersion(const YamlNode& node, ProblemList& problems, HttpVersion& version) {
  constexpr std::array kVersions = {std::pair{"auto", HttpVersion::kAuto},
                                    std::pair{"1.1", HttpVersion::k11},
                                    std::pair{"2", HttpVersion::k2}};
  if (node.kind == Kind::kText) {
    for (const auto& [text, value] : kVersions) {
      if (node.text != text) continue;
      version = value;
      return;
    }
  }
  if (node.kind != Kind::kRefused) {
    problems.Add(node.position, "http_version must be auto, 1.1 or 2");
  }
}

bool IsServerName(std::string_view name) {
  const auto good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_';
  };
  return name.size() <= kMaxServerName && std::ranges::all_of(name, good);
}

void ReadServerName(const YamlNode& node, ProblemList& problems, std::string& server_name) {
  const auto text = ReadText(node, problems);
  if (!text) return;
  if (IsServerName(*text)) {
    server_name = *text;
  } else {
    problems.Add(node.position,
                 fmt::format("server_name must be a host name: at most {} characters of a-z, A-Z, "
                             "0-9, '.', '-' and '_'",
                             kMaxServerName));
  }
}

// One level of the configuration.
class Level {
 public:
  Level(const std::string& config_file, ProblemList& problems, ConnectionOptions& options,
        ConnectionPlaces& places)
      : config_file_(config_file), problems_(problems), options_(options), places_(places) {}

  void ReadProxy(const MapReader& reader) {
    const YamlNode* url = reader.Find("proxy_url");
    const YamlNode* environment = reader.Find("proxy_from_environment");
    const YamlNode* credentials = reader.Find("proxy_credentials_file");
    if (url != nullptr) ReadProxyUrl(*url);
    if (environment != nullptr) ReadFromEnvironment(*environment, url != nullptr);
    if (credentials == nullptr) return;
    ReadPath(*credentials, options_.files.proxy_credentials_file, places_.proxy_credentials_file);
    if (!options_.files.proxy_credentials_file.empty() && options_.proxy_url.empty()) {
      problems_.Add(credentials->name_position,
                    "proxy_credentials_file must have a proxy_url that it is for");
    }
  }

  void ReadTls(const MapReader& reader) {
    if (const YamlNode* file = reader.Find("ca_file")) {
      ReadPath(*file, options_.files.ca_file, places_.ca_file);
    }
    ReadIdentity(reader);
    if (const YamlNode* name = reader.Find("server_name")) {
      ReadServerName(*name, problems_, options_.server_name);
    }
    const YamlNode* skip = reader.Find("insecure_skip_verify");
    if (skip == nullptr) return;
    options_.insecure_skip_verify =
        ReadBool(*skip, problems_).value_or(options_.insecure_skip_verify);
    if (options_.insecure_skip_verify) {
      problems_.Warn(skip->position,
                     "insecure_skip_verify sends apikeys to whoever answers, without knowing who "
                     "that is; ca_file or server_name is better");
    }
  }

 private:
  void ReadPath(const YamlNode& node, std::string& path, Position& place) {
    const auto text = ReadText(node, problems_);
    if (!text) return;
    path = text->empty() ? "" : ResolvePath(config_file_, *text);
    place = node.position;
  }

  // Another proxy: what was said of the one of the level above does not hold for it.
  void ReadProxyUrl(const YamlNode& node) {
    options_.files.proxy_credentials_file.clear();
    options_.proxy_from_environment = false;
    const auto text = ReadText(node, problems_);
    if (!text) return;
    auto url = NormalizeProxyUrl(*text);
    if (url) {
      options_.proxy_url = *std::move(url);
    } else {
      problems_.Add(node.position, fmt::format("proxy_url {}", url.error()));
    }
  }

  void ReadFromEnvironment(const YamlNode& node, bool has_url) {
    options_.proxy_from_environment = ReadBool(node, problems_).value_or(false);
    if (!options_.proxy_from_environment) return;
    if (has_url && !options_.proxy_url.empty()) {
      problems_.Add(node.position, "proxy_from_environment must not be true beside a proxy_url");
    }
    options_.proxy_url.clear();
    options_.files.proxy_credentials_file.clear();
  }

  // Of one level: a certificate of this one with the key of the level above would be a slip.
  void ReadIdentity(const MapReader& reader) {
    const YamlNode* certificate = reader.Find("cert_file");
    const YamlNode* key = reader.Find("key_file");
    if (certificate == nullptr && key == nullptr) return;
    ConnectionFiles& files = options_.files;
    files.cert_file.clear();
    files.key_file.clear();
    if (certificate != nullptr) ReadPath(*certificate, files.cert_file, places_.cert_file);
    if (key != nullptr) ReadPath(*key, files.key_file, places_.key_file);
    if (certificate != nullptr && key != nullptr) {
      const bool both_text = certificate->kind == Kind::kText && key->kind == Kind::kText;
      if (files.cert_file.empty() == files.key_file.empty()) return;
      if (both_text) {
        problems_.Add(certificate->position,
                      "cert_file and key_file must both name a file, or both be \"\"");
      }
    } else if (key == nullptr && reader.Peek("key_file") == nullptr) {
      problems_.Add(certificate->name_position, "cert_file must have key_file beside it");
    } else if (certificate == nullptr && reader.Peek("cert_file") == nullptr) {
      problems_.Add(key->name_position, "key_file must have cert_file beside it");
    }
    files.cert_file.clear();  // what is wrong is told; half of it is not looked into
    files.key_file.clear();
  }

  const std::string& config_file_;
  ProblemList& problems_;
  ConnectionOptions& options_;
  ConnectionPlaces& places_;
};

}  // namespace

Position ConnectionPlaces::Of(std::string_view option) const {
  if (option == "ca_file") return ca_file;
  if (option == "cert_file") return cert_file;
  if (option == "key_file") return key_file;
  return proxy_credentials_file;
}

void ReadConnectionOptions(const MapReader& reader, Section tls, const std::string& config_file,
                           ProblemList& problems, ConnectionOptions& options,
                           ConnectionPlaces& places) {
  Level level(config_file, problems, options, places);
  if (const YamlNode* version = reader.Find("http_version")) {
    ReadHttpVersion(*version, problems, options.http_version);
  }
  level.ReadProxy(reader);
  const YamlNode* node = reader.Find("tls_config");
  if (node == nullptr || !Is(Kind::kMap, *node, "a map of options", problems)) return;
  level.ReadTls(MapReader(*node, tls, problems));
}

}  // namespace exporter
