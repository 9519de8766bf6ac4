#pragma once
// The one list of the configuration's options. The reader refuses every other name, and tests hold
// config.example.yaml and docs/configuration.md against it. Constants, any thread.

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace exporter {

enum class Section {
  kTop,
  kGlobal,
  kTls,
  kHistory,
  kKey,
  kKeyTls,
  kKeyDirectory,
  kKeyDirectoryTls
};

// The path a person would write: "", "global", "global.tls_config", "keys[]", "keys[].tls_config".
[[nodiscard]] std::string_view NameOf(Section section);

struct Option {
  Section section;
  std::string_view name;
  std::string_view default_value;  // as YAML; empty: none, or inherited from `global`
};

inline constexpr std::array kOptions = {
    Option{Section::kTop, "global", ""},
    Option{Section::kTop, "history", ""},
    Option{Section::kTop, "keys", ""},
    Option{Section::kTop, "key_directories", ""},
    Option{Section::kTop, "log_level", ""},

    Option{Section::kGlobal, "base_url", "https://api.metadefender.com/v4"},
    Option{Section::kGlobal, "collectors", "[info, limits, status]"},
    Option{Section::kGlobal, "scrape_interval", "1m"},
    Option{Section::kGlobal, "info_interval", "15m"},
    Option{Section::kGlobal, "history_interval", "5m"},
    Option{Section::kGlobal, "scrape_timeout", "10s"},
    Option{Section::kGlobal, "max_staleness", "auto"},
    Option{Section::kGlobal, "http_version", "auto"},
    Option{Section::kGlobal, "quota_window", "auto"},
    Option{Section::kGlobal, "max_concurrent_requests", "64"},
    Option{Section::kGlobal, "max_requests_per_second", "20"},
    Option{Section::kGlobal, "max_rejected_requests_per_hour", "4"},
    Option{Section::kGlobal, "proxy_url", "\"\""},
    Option{Section::kGlobal, "proxy_credentials_file", "\"\""},
    Option{Section::kGlobal, "proxy_from_environment", "false"},
    Option{Section::kGlobal, "nickname_label", "false"},
    Option{Section::kGlobal, "tls_config", ""},

    Option{Section::kHistory, "page_size", "100"},
    Option{Section::kHistory, "max_pages", "10"},
    Option{Section::kHistory, "max_bytes", "8MiB"},
    Option{Section::kHistory, "max_duration", "30s"},

    Option{Section::kTls, "ca_file", "\"\""},
    Option{Section::kTls, "cert_file", "\"\""},
    Option{Section::kTls, "key_file", "\"\""},
    Option{Section::kTls, "server_name", "\"\""},
    Option{Section::kTls, "insecure_skip_verify", "false"},

    Option{Section::kKey, "name", ""},
    Option{Section::kKey, "apikey_file", ""},
    Option{Section::kKey, "apikey_env", ""},
    Option{Section::kKey, "apikey", ""},
    Option{Section::kKey, "labels", ""},
    Option{Section::kKey, "base_url", ""},
    Option{Section::kKey, "collectors", ""},
    Option{Section::kKey, "scrape_interval", ""},
    Option{Section::kKey, "info_interval", ""},
    Option{Section::kKey, "history_interval", ""},
    Option{Section::kKey, "scrape_timeout", ""},
    Option{Section::kKey, "max_staleness", ""},
    Option{Section::kKey, "http_version", ""},
    Option{Section::kKey, "quota_window", ""},
    Option{Section::kKey, "proxy_url", ""},
    Option{Section::kKey, "proxy_credentials_file", ""},
    Option{Section::kKey, "proxy_from_environment", ""},
    Option{Section::kKey, "nickname_label", ""},
    Option{Section::kKey, "tls_config", ""},

    Option{Section::kKeyTls, "ca_file", ""},
    Option{Section::kKeyTls, "cert_file", ""},
    Option{Section::kKeyTls, "key_file", ""},
    Option{Section::kKeyTls, "server_name", ""},
    Option{Section::kKeyTls, "insecure_skip_verify", ""},

    Option{Section::kKeyDirectory, "path", ""},
    Option{Section::kKeyDirectory, "labels", ""},
    Option{Section::kKeyDirectory, "base_url", ""},
    Option{Section::kKeyDirectory, "collectors", ""},
    Option{Section::kKeyDirectory, "scrape_interval", ""},
    Option{Section::kKeyDirectory, "info_interval", ""},
    Option{Section::kKeyDirectory, "history_interval", ""},
    Option{Section::kKeyDirectory, "scrape_timeout", ""},
    Option{Section::kKeyDirectory, "max_staleness", ""},
    Option{Section::kKeyDirectory, "http_version", ""},
    Option{Section::kKeyDirectory, "quota_window", ""},
    Option{Section::kKeyDirectory, "proxy_url", ""},
    Option{Section::kKeyDirectory, "proxy_credentials_file", ""},
    Option{Section::kKeyDirectory, "proxy_from_environment", ""},
    Option{Section::kKeyDirectory, "nickname_label", ""},
    Option{Section::kKeyDirectory, "tls_config", ""},

    Option{Section::kKeyDirectoryTls, "ca_file", ""},
    Option{Section::kKeyDirectoryTls, "cert_file", ""},
    Option{Section::kKeyDirectoryTls, "key_file", ""},
    Option{Section::kKeyDirectoryTls, "server_name", ""},
    Option{Section::kKeyDirectoryTls, "insecure_skip_verify", ""},
};

[[nodiscard]] std::vector<std::string_view> NamesIn(Section section);

// The allowed name that `name` is a slip of; empty when there is none.
[[nodiscard]] std::string_view NearestName(std::string_view name,
                                           const std::vector<std::string_view>& allowed);

}  // namespace exporter
