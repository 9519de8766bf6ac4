#include "exporter/web/assets.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>

#include "exporter/web/embedded_assets.h"

namespace exporter {
namespace {

// FNV-1a: tells versions apart, protects nothing.
std::string VersionOf(std::string_view body) {
  std::uint64_t hash = 14695981039346656037U;
  for (const char c : body) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  }
  return fmt::format("{:016x}", hash);
}

}  // namespace

const Asset* FindAsset(std::string_view name) {
  const std::span<const Asset> all = EmbeddedAssets();
  const auto found = std::ranges::find(all, name, &Asset::name);
  return found == all.end() ? nullptr : &*found;
}

std::string UrlOf(std::string_view name) {
  const Asset* const asset = FindAsset(name);
  return fmt::format("{}{}?v={}", kAssetsPath.substr(1), name,
                     VersionOf(asset == nullptr ? "" : asset->body));
}

std::optional<http::Response> AnswerAsset(const http::Request& request) {
  const std::string_view path = request.path;
  if (!path.starts_with(kAssetsPath)) return std::nullopt;
  const Asset* const asset = FindAsset(path.substr(kAssetsPath.size()));
  if (asset == nullptr) return std::nullopt;
  const std::string version = VersionOf(asset->body);
  const std::string tag = '"' + version + '"';
  const bool pinned = request.query == "v=" + version;
  http::Response response;
  response.headers = {
      {"Content-Type", std::string(asset->type)},
      {"ETag", tag},
      {"Cache-Control", pinned ? "private, max-age=31536000, immutable" : "private, no-cache"}};
  if (request.Header("If-None-Match").value_or("").find(tag) != std::string_view::npos) {
    response.status = 304;
    return response;
  }
  response.body = std::make_shared<const std::string>(asset->body);
  return response;
}

}  // namespace exporter
