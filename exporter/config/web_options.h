#pragma once
// The one list of the options of --web.config.file: exporter-toolkit's, and which of them cannot be
// had here. The reader refuses every other name, and a test holds docs/securing.md against it.
// Constants, any thread.

#include <array>
#include <string_view>
#include <vector>

namespace exporter {

enum class WebSection { kTop, kTls, kHttp };

// The path a person would write: "", "tls_server_config", "http_server_config".
[[nodiscard]] std::string_view NameOf(WebSection section);

struct WebOption {
  WebSection section;
  std::string_view name;
  std::string_view refusal;  // why it is not supported, and what to do; empty: it is
};

inline constexpr std::array kWebOptions = {
    WebOption{WebSection::kTop, "tls_server_config", ""},
    WebOption{WebSection::kTop, "http_server_config", ""},
    WebOption{WebSection::kTop, "basic_auth_users", ""},
    WebOption{WebSection::kTop, "rate_limit",
              "limit requests in front of the exporter; --web.max-connections limits connections"},

    WebOption{WebSection::kTls, "cert_file", ""},
    WebOption{WebSection::kTls, "key_file", ""},
    WebOption{WebSection::kTls, "cert", ""},
    WebOption{WebSection::kTls, "key", ""},
    WebOption{WebSection::kTls, "client_auth_type", ""},
    WebOption{WebSection::kTls, "client_ca_file", ""},
    WebOption{WebSection::kTls, "client_ca", ""},
    WebOption{WebSection::kTls, "client_allowed_sans", ""},
    WebOption{WebSection::kTls, "min_version", ""},
    WebOption{WebSection::kTls, "max_version", ""},
    WebOption{WebSection::kTls, "cipher_suites",
              "the names are those of another TLS library than this exporter's (GnuTLS), whose "
              "defaults are sound; min_version: TLS13 leaves only the suites of TLS 1.3"},
    WebOption{WebSection::kTls, "curve_preferences",
              "the names are those of another TLS library than this exporter's (GnuTLS), whose "
              "defaults are sound"},
    WebOption{WebSection::kTls, "prefer_server_cipher_suites",
              "the order of cipher suites is that of the TLS library (GnuTLS)"},

    WebOption{WebSection::kHttp, "http2", ""},
    WebOption{WebSection::kHttp, "headers", ""},
};

// Those that are supported, and those that are not.
[[nodiscard]] std::vector<std::string_view> NamesIn(WebSection section);
[[nodiscard]] std::vector<std::string_view> RefusedNamesIn(WebSection section);

}  // namespace exporter
