#include "exporter/web/service_discovery.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <memory>
#include <string_view>

#include "http/plain_text.h"
#include "scrape/api_key.h"

namespace exporter {
namespace {

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

void Put(Writer& out, std::string_view name, std::string_view value) {
  out.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
  out.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
}

// A name or address with or without a port: nothing else belongs into a target.
bool IsHost(std::string_view text) {
  constexpr std::size_t kMaxLength = 300;
  return !text.empty() && text.size() <= kMaxLength && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-._:[]").find(c) != std::string_view::npos;
  });
}

}  // namespace

http::Response ServiceDiscovery(const scrape::Snapshot& snapshot,
                                const std::optional<ExternalUrl>& external,
                                const http::Request& request) {
  const std::string target =
      external ? external->host : std::string(request.Header("Host").value_or(""));
  if (!IsHost(target)) {
    return http::PlainText(
        400, "400 the request does not say a host; --web.external-url can say it for all\n");
  }
  rapidjson::StringBuffer text;
  Writer out(text);
  out.StartArray();
  for (const std::shared_ptr<const scrape::KeyState>& state : snapshot.keys) {
    const scrape::ApiKey& key = *state->key;
    out.StartObject();
    out.Key("targets");
    out.StartArray();
    out.String(target.data(), static_cast<rapidjson::SizeType>(target.size()));
    out.EndArray();
    out.Key("labels");
    out.StartObject();
    if (external) Put(out, "__scheme__", external->scheme);
    Put(out, "__metrics_path__", (external ? external->path : "") + "/probe");
    Put(out, "__param_key", key.name);
    Put(out, "__meta_mdcloud_key", key.name);
    for (const auto& [name, value] : key.labels) Put(out, "__meta_mdcloud_label_" + name, value);
    out.EndObject();
    out.EndObject();
  }
  out.EndArray();
  http::Response response;
  response.headers = {{"Content-Type", "application/json"}};
  response.body = std::make_shared<const std::string>(text.GetString(), text.GetSize());
  return response;
}

}  // namespace exporter
