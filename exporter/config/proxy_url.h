#pragma once
// The URL of a proxy. Pure, any thread.

#include <string>
#include <tl/expected.hpp>

namespace exporter {

// scheme://host:port, or "" for none. Otherwise what is wrong, to follow "proxy_url "; without the
// value, which may hold a password.
[[nodiscard]] tl::expected<std::string, std::string> NormalizeProxyUrl(const std::string& text);

}  // namespace exporter
