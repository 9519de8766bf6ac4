#pragma once
// The files that the status page loads, built into the binary from exporter/web/assets. Pure, any
// thread.

#include <optional>
#include <string>
#include <string_view>

#include "http/message.h"

namespace exporter {

// All of them are below it.
inline constexpr std::string_view kAssetsPath = "/assets/";

struct Asset {
  std::string_view name;
  std::string_view type;  // Content-Type
  std::string_view body;
};

// Null when there is none of this name.
[[nodiscard]] const Asset* FindAsset(std::string_view name);

// Relative to the page at "/", with the version of its content:
// "assets/status.css?v=0123456789abcdef".
[[nodiscard]] std::string UrlOf(std::string_view name);

// Cached for good under the URL that names its version, else asked for again: 304 when the client
// has it. Nothing when there is none at this path.
[[nodiscard]] std::optional<http::Response> AnswerAsset(const http::Request& request);

}  // namespace exporter
