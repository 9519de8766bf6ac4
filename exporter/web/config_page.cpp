#include "exporter/web/config_page.h"

#include <yaml-cpp/yaml.h>

#include <map>
#include <utility>

#include "exporter/config/byte_size.h"
#include "exporter/config/duration.h"
#include "http/plain_text.h"

namespace exporter {
namespace {

const char* NameOf(scrape::HttpVersion version) {
  switch (version) {
    case scrape::HttpVersion::kAuto:
      return "auto";
    case scrape::HttpVersion::k11:
      return "1.1";
    case scrape::HttpVersion::k2:
      return "2";
  }
  return "auto";
}

const char* NameOf(scrape::LogLevel level) {
  switch (level) {
    case scrape::LogLevel::kDebug:
      return "debug";
    case scrape::LogLevel::kInfo:
      return "info";
    case scrape::LogLevel::kWarn:
      return "warn";
    case scrape::LogLevel::kError:
      return "error";
  }
  return "info";
}

std::string TextOf(const scrape::WindowLength& window) {
  switch (window.kind) {
    case scrape::WindowLength::Kind::kUnknown:
      return "auto";
    case scrape::WindowLength::Kind::kFixed:
      return FormatDuration(window.fixed);
    case scrape::WindowLength::Kind::kCalendarMonth:
      return "calendar_month";
  }
  return "auto";
}

template <typename T>
void Put(YAML::Emitter& out, const char* name, const T& value) {
  out << YAML::Key << name << YAML::Value << value;
}

void PutConnection(YAML::Emitter& out, const scrape::Connection& connection,
                   const ConnectionFiles& files) {
  Put(out, "http_version", NameOf(connection.http_version));
  Put(out, "proxy_url", connection.proxy_url);
  Put(out, "proxy_credentials_file", files.proxy_credentials_file);
  Put(out, "proxy_from_environment", connection.proxy_from_environment);
  out << YAML::Key << "tls_config" << YAML::Value << YAML::BeginMap;
  Put(out, "ca_file", connection.ca_file);
  Put(out, "cert_file", files.cert_file);
  Put(out, "key_file", files.key_file);
  Put(out, "server_name", connection.server_name);
  Put(out, "insecure_skip_verify", connection.insecure_skip_verify);
  out << YAML::EndMap;
}

void PutKey(YAML::Emitter& out, const scrape::ApiKey& key, const ConnectionFiles& files) {
  out << YAML::BeginMap;
  Put(out, "name", key.name);
  Put(out, "apikey", "<secret>");
  Put(out, "labels", key.labels);
  Put(out, "base_url", key.base_url);
  out << YAML::Key << "collectors" << YAML::Value << YAML::Flow << YAML::BeginSeq;
  for (const scrape::Collector collector : scrape::kCollectors) {
    if (key.collectors[IndexOf(collector)]) out << std::string(NameOf(collector));
  }
  out << YAML::EndSeq;
  Put(out, "scrape_interval", FormatDuration(key.scrape_interval));
  Put(out, "info_interval", FormatDuration(key.info_interval));
  Put(out, "history_interval", FormatDuration(key.history_interval));
  Put(out, "scrape_timeout", FormatDuration(key.scrape_timeout));
  Put(out, "max_staleness", key.max_staleness ? FormatDuration(*key.max_staleness) : "auto");
  Put(out, "quota_window", TextOf(key.quota_window));
  PutConnection(out, *key.connection, files);
  Put(out, "nickname_label", key.nickname_label);
  out << YAML::EndMap;
}

void PutHistory(YAML::Emitter& out, const scrape::HistoryBounds& bounds) {
  out << YAML::Key << "history" << YAML::Value << YAML::BeginMap;
  Put(out, "page_size", bounds.page_size);
  Put(out, "max_pages", bounds.max_pages);
  Put(out, "max_bytes", FormatByteSize(bounds.max_bytes));
  Put(out, "max_duration", FormatDuration(bounds.max_duration));
  out << YAML::EndMap;
}

http::Response Page(std::shared_ptr<const std::string> text) {
  return {.headers = {{"Content-Type", "text/plain; charset=utf-8"}}, .body = std::move(text)};
}

}  // namespace

std::string EffectiveConfig(const Config& config) {
  std::map<const scrape::Connection*, ConnectionFiles> files;
  for (const auto& [options, connection] : config.connections) {
    files.emplace(connection.get(), options.files);
  }
  YAML::Emitter out;
  out << YAML::BeginMap;
  if (config.log_level) Put(out, "log_level", NameOf(*config.log_level));
  out << YAML::Key << "global" << YAML::Value << YAML::BeginMap;
  Put(out, "max_concurrent_requests", config.options.max_concurrent_requests);
  Put(out, "max_requests_per_second", config.options.max_requests_per_second);
  Put(out, "max_rejected_requests_per_hour", config.options.max_rejected_requests_per_hour);
  out << YAML::EndMap;
  if (!config.keys.empty()) PutHistory(out, config.keys.front()->history);  // the same for all
  out << YAML::Key << "keys" << YAML::Value << YAML::BeginSeq;
  for (const auto& key : config.keys) PutKey(out, *key, files[key->connection.get()]);
  out << YAML::EndSeq << YAML::EndMap;
  return std::string(out.c_str(), out.size()) + '\n';
}

ConfigPage::Text ConfigPage::Made(const std::shared_ptr<const Config>& config) const {
  const scrape::MutexLock lock(mutex_);
  return text_of_.lock() == config ? text_ : nullptr;
}

ConfigPage::Text ConfigPage::Make(const std::shared_ptr<const Config>& config) {
  if (Text made = Made(config)) return made;
  auto text = std::make_shared<const std::string>(EffectiveConfig(*config));
  const scrape::MutexLock lock(mutex_);
  text_of_ = config;
  return text_ = std::move(text);
}

http::Reply ConfigPage::Answer() {
  if (Text made = Made(in_force_())) return Page(std::move(made));
  return http::Deferred{[this](const http::Responder& responder) {
    const bool posted =
        worker_.Post([this, responder] { responder.Answer(Page(Make(in_force_()))); });
    if (!posted) responder.Answer(http::Busy());
  }};
}

}  // namespace exporter
