#include "exporter/config/web_tls.h"

#include <fmt/format.h>

#include <cstddef>
#include <string_view>
#include <utility>

#include "exporter/config/paths.h"
#include "exporter/config/web_options.h"

namespace exporter {
namespace {

using Kind = YamlNode::Kind;
using http::ClientAuth;
using http::TlsVersion;

constexpr std::size_t kMaxFile = 1024UL * 1024;

// By their places in the list of names.
constexpr ClientAuth kClientAuths[] = {ClientAuth::kNone, ClientAuth::kRequest,
                                       ClientAuth::kRequireAny, ClientAuth::kVerifyIfGiven,
                                       ClientAuth::kRequireAndVerify};
const std::vector<std::string_view>& ClientAuthNames() {
  static const std::vector<std::string_view> names = {
      "NoClientCert", "RequestClientCert", "RequireAnyClientCert", "VerifyClientCertIfGiven",
      "RequireAndVerifyClientCert"};
  return names;
}

bool IsCertificate(std::string_view text) {
  return text.find("-----BEGIN CERTIFICATE-----") != std::string_view::npos;
}

bool IsPrivateKey(std::string_view text) {
  return text.find("PRIVATE KEY-----") != std::string_view::npos;
}

bool IsEncrypted(std::string_view text) {
  return text.find("-----BEGIN ENCRYPTED") != std::string_view::npos ||
         text.find("Proc-Type: 4,ENCRYPTED") != std::string_view::npos;
}

class TlsReader {
 public:
  TlsReader(const YamlNode& node, const std::string& config_file, const Surroundings& around,
            ProblemList& problems, std::vector<std::string>& files)
      : node_(node),
        config_file_(config_file),
        around_(around),
        problems_(problems),
        files_(files),
        reader_(ReadWebSection(node, WebSection::kTls, problems)) {}

  http::TlsSettings Read() {
    const std::size_t problems_before = problems_.ProblemCount();
    settings_.certificate = ReadPem("cert");
    settings_.private_key = ReadPem("key");
    settings_.client_ca = ReadPem("client_ca");
    if (!Has("cert")) Miss("cert");
    if (!Has("key")) Miss("key");
    ReadClientAuth();
    ReadAllowedSans();
    ReadVersions();
    if (problems_.ProblemCount() == problems_before) TryOut();
    return std::move(settings_);
  }

 private:
  static std::string FileOption(std::string_view name) { return fmt::format("{}_file", name); }

  [[nodiscard]] bool Has(std::string_view name) const { return Source(name) != nullptr; }

  // The option itself or the one that names a file, whichever is there.
  [[nodiscard]] const YamlNode* Source(std::string_view name) const {
    const YamlNode* inline_text = reader_.Peek(name);
    return inline_text != nullptr ? inline_text : reader_.Peek(FileOption(name));
  }

  void Miss(std::string_view name) {
    problems_.Add(node_.name_position,
                  fmt::format("tls_server_config needs {0}_file (or {0})", name));
  }

  // From the option `name` or the file that `name`_file names.
  std::string ReadPem(std::string_view name) {
    const std::string file_option = FileOption(name);
    const YamlNode* inline_text = reader_.Peek(name);
    const YamlNode* path = reader_.Peek(file_option);
    if (inline_text != nullptr && path != nullptr) {
      const bool path_last = path->name_position.line >= inline_text->name_position.line;
      const YamlNode& second = path_last ? *path : *inline_text;
      const YamlNode& first = path_last ? *inline_text : *path;
      problems_.Add(second.name_position,
                    fmt::format("{} is one too many: line {} has {}", second.name,
                                first.name_position.line, first.name));
      return "";
    }
    if (inline_text != nullptr) {
      const YamlNode* found = reader_.Find(name);
      if (found == nullptr || !Is(Kind::kText, *found, "text", problems_)) return "";
      return CheckPem(name, *found, found->text) ? found->text : "";
    }
    const YamlNode* found = reader_.Find(file_option);
    if (found == nullptr) return "";
    const auto text = ReadText(*found, problems_);
    if (!text) return "";
    if (text->empty()) {
      problems_.Add(found->position, fmt::format("{} must name a file", file_option));
      return "";
    }
    const std::string file = ResolvePath(config_file_, *text);
    auto content = around_.read_file(file, kMaxFile);
    if (!content) {
      problems_.Add(found->position,
                    fmt::format("{} cannot be read: {}{}", file_option, content.error(),
                                text->starts_with('/')
                                    ? ""
                                    : "; a relative path starts at the directory of this file"));
      return "";
    }
    files_.push_back(file);
    return CheckPem(name, *found, *content) ? std::move(*content) : "";
  }

  bool CheckPem(std::string_view name, const YamlNode& node, std::string_view text) {
    const bool key = name == "key";
    if (key ? IsPrivateKey(text) : IsCertificate(text)) {
      if (!key || !IsEncrypted(text)) return true;
      problems_.Add(node.position,
                    fmt::format("{} must hold a private key without a passphrase; it is encrypted",
                                node.name));
    } else {
      problems_.Add(node.position, fmt::format("{} must hold {} in PEM form; it has none",
                                               node.name, key ? "a private key" : "certificates"));
    }
    return false;
  }

  // What only the TLS library can tell: whether the texts are what they look like, and fit
  // together.
  void TryOut() {
    const auto made = http::TlsCredentials::Create(settings_);
    if (made) return;
    const YamlNode* about = &node_;
    for (const auto& [beginning, name] : {std::pair{"the certificate", "cert"},
                                          {"the private key", "key"},
                                          {"the client CA", "client_ca"}}) {
      if (made.error().starts_with(beginning)) about = Source(name);
    }
    problems_.Add(about->position, fmt::format("{}: {}", about->name, made.error()));
  }

  void ReadClientAuth() {
    const YamlNode* node = reader_.Find("client_auth_type");
    if (node == nullptr && reader_.Peek("client_auth_type") != nullptr) return;
    if (node != nullptr) {
      const auto auth = ReadAuthType(*node);
      if (!auth) return;
      settings_.client_auth = *auth;
    }
    const YamlNode* authority = Source("client_ca");
    switch (settings_.client_auth) {
      case ClientAuth::kNone:
        if (authority != nullptr) {
          problems_.Add(authority->name_position,
                        fmt::format("{} needs client_auth_type: RequireAndVerifyClientCert; "
                                    "without it no client is asked for a certificate",
                                    authority->name));
        }
        return;
      case ClientAuth::kRequest:
      case ClientAuth::kRequireAny:
        problems_.Warn(node->position,
                       "this client_auth_type lets every certificate in, self-made ones, too; "
                       "RequireAndVerifyClientCert asks for one of client_ca_file");
        return;
      case ClientAuth::kVerifyIfGiven:
      case ClientAuth::kRequireAndVerify:
        if (authority == nullptr) {
          problems_.Add(node->position,
                        "this client_auth_type needs client_ca_file (or client_ca), the authority "
                        "of the clients");
        }
        return;
    }
  }

  std::optional<ClientAuth> ReadAuthType(const YamlNode& node) {
    // What exporter-toolkit called it once, and still accepts.
    if (node.kind == Kind::kText && node.text == "RequireClientCert") {
      return ClientAuth::kRequireAny;
    }
    const auto choice = ReadChoice(node, ClientAuthNames(), problems_);
    return choice ? std::optional(kClientAuths[*choice]) : std::nullopt;
  }

  void ReadAllowedSans() {
    const YamlNode* list = reader_.Find("client_allowed_sans");
    if (list == nullptr || !Is(Kind::kList, *list, "a list of names", problems_)) return;
    if (list->items.empty()) {
      problems_.Add(list->position, "client_allowed_sans must name somebody; it lets nobody in");
    }
    for (const YamlNode& item : list->items) {
      if (!Is(Kind::kText, item, "text", problems_)) continue;
      const auto text = ReadText(item, problems_);
      if (!text) continue;
      if (text->empty()) {
        problems_.Add(item.position, "an entry of client_allowed_sans must not be empty");
      }
      settings_.client_allowed_sans.push_back(*text);
    }
    if (settings_.client_auth != ClientAuth::kRequireAny &&
        settings_.client_auth != ClientAuth::kRequireAndVerify) {
      problems_.Add(list->name_position,
                    "client_allowed_sans needs client_auth_type: RequireAndVerifyClientCert (or "
                    "RequireAnyClientCert); the others let clients without a certificate in");
    }
  }

  void ReadVersions() {
    const auto least = ReadVersion("min_version");
    const auto most = ReadVersion("max_version");
    settings_.min_version = least.value_or(settings_.min_version);
    settings_.max_version = most.value_or(settings_.max_version);
    if (settings_.min_version > settings_.max_version) {
      problems_.Add(reader_.Peek("max_version")->position,
                    "max_version must not be below min_version");
    }
  }

  std::optional<TlsVersion> ReadVersion(std::string_view name) {
    const YamlNode* node = reader_.Find(name);
    if (node == nullptr) return std::nullopt;
    if (node->kind == Kind::kText && (node->text == "TLS10" || node->text == "TLS11")) {
      problems_.Add(node->position, fmt::format("{} {} is not supported: TLS 1.0 and 1.1 are "
                                                "broken; allowed: TLS12, TLS13",
                                                name, node->text));
      return std::nullopt;
    }
    const auto choice = ReadChoice(*node, {"TLS12", "TLS13"}, problems_);
    if (!choice) return std::nullopt;
    return *choice == 0 ? TlsVersion::kTls12 : TlsVersion::kTls13;
  }

  const YamlNode& node_;
  const std::string& config_file_;
  const Surroundings& around_;
  ProblemList& problems_;
  std::vector<std::string>& files_;
  const MapReader reader_;
  http::TlsSettings settings_;
};

}  // namespace

MapReader ReadWebSection(const YamlNode& node, WebSection section, ProblemList& problems) {
  for (const YamlNode& item : node.items) {
    for (const WebOption& option : kWebOptions) {
      if (option.section != section || option.name != item.name || option.refusal.empty()) continue;
      problems.Add(item.name_position,
                   fmt::format("{} is not supported: {}", option.name, option.refusal));
    }
  }
  return {
      node,
      {.where = NameOf(section), .allowed = NamesIn(section), .judged = RefusedNamesIn(section)},
      problems};
}

std::optional<http::TlsSettings> ReadTlsServerConfig(const YamlNode& node,
                                                     const std::string& config_file,
                                                     const Surroundings& around,
                                                     ProblemList& problems,
                                                     std::vector<std::string>& files) {
  if (!Is(Kind::kMap, node, "a map of options", problems)) return std::nullopt;
  return TlsReader(node, config_file, around, problems, files).Read();
}

}  // namespace exporter
