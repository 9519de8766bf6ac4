#pragma once
// Which base URLs of the service are allowed. Pure function, any thread.

#include <string>
#include <tl/expected.hpp>

namespace exporter {

// The URL without trailing slashes, or what is wrong with it. https only, because the apikey goes
// along; http only to loopback addresses, for tests and local proxies. The error holds no part of
// the URL: it may contain a password.
[[nodiscard]] tl::expected<std::string, std::string> NormalizeBaseUrl(const std::string& text);

}  // namespace exporter
