#include "tests/metrics_fixture.h"

#include <chrono>
#include <utility>

namespace test {
namespace {

using namespace std::chrono_literals;

scrape::Entitlement FullEntitlement() {
  scrape::Entitlement entitlement;
  entitlement.quota_limits = {{"feed", 1000},
                              {"prevention", 20000},
                              {"reputation", 100000},
                              {"sandbox", 250},
                              {"threat_intel_search", 25}};
  entitlement.throttle_limit = 75;
  entitlement.expiration = {scrape::Expiration::Kind::kAt, kNow + 720h};
  entitlement.license_type = "Professional";
  entitlement.time_interval = "daily";
  entitlement.qos_scan = "normal";
  entitlement.sandbox_qos_scan = "normal";
  entitlement.private_scan_enforced = false;
  entitlement.max_upload_file_size_bytes = 1024.0 * 1048576;
  entitlement.max_archive_file_size_bytes = 512.0 * 1048576;
  entitlement.max_archive_files = 500;
  entitlement.max_archive_depth = 10;
  entitlement.max_custom_workflows = 3;
  return entitlement;
}

}  // namespace

std::shared_ptr<scrape::ApiKey> Configured(const std::string& name) {
  auto key = std::make_shared<scrape::ApiKey>();
  key->name = name;
  return key;
}

std::shared_ptr<const scrape::Connection> WithCertificateUntil(scrape::SystemTime end) {
  auto identity = std::make_shared<scrape::ClientIdentity>();
  identity->expires = end;
  auto connection = std::make_shared<scrape::Connection>();
  connection->identity = std::move(identity);
  return connection;
}

std::shared_ptr<scrape::KeyState> NewKey(const std::string& name) {
  auto state = std::make_shared<scrape::KeyState>();
  state->key = Configured(name);
  for (const scrape::Collector which : scrape::kCollectors) {
    scrape::CollectorState& collector = state->collectors.at(IndexOf(which));
    collector.enabled = state->key->collectors.at(IndexOf(which));
    collector.interval = 60s;
    collector.next_attempt = kNow + 1s;
  }
  return state;
}

std::shared_ptr<scrape::KeyState> FullKey(const std::string& name) {
  std::shared_ptr<scrape::KeyState> state = NewKey(name);
  for (scrape::CollectorState& collector : state->collectors) {
    if (!collector.enabled) continue;
    collector.attempted = true;
    collector.duration = 125ms;
    collector.api_response_time_seconds = 0.048;
    collector.last_success = kNow - 20s;
    collector.next_attempt = kNow + 40s;
    collector.keep_until = kSteadyNow + 10min;
  }
  state->valid = true;

  scrape::KeyInfo info;
  info.entitlement = FullEntitlement();
  info.created = kNow - 8760h;
  info.updated = kNow - 720h;
  info.scan_with = "mdcore";
  info.paid = true;
  info.enterprise = false;
  info.mtls_only = false;
  info.large_files = true;
  info.safe_redirect = true;
  info.max_file_download = 140;
  info.vulnerability_submissions = 0;
  state->info = std::make_shared<const scrape::KeyInfo>(std::move(info));
  scrape::Consumption limits;
  limits.used = {{"download_file", 3},  {"feed", 0},    {"prevention", 1234},
                 {"reputation", 56789}, {"sandbox", 7}, {"threat_intel_search", 1}};
  state->limits = std::make_shared<const scrape::Consumption>(std::move(limits));
  scrape::Remaining status;
  status.remaining = {{"download_file", 97}, {"feed", 1000},   {"prevention", 18766},
                      {"reputation", 43211}, {"sandbox", 243}, {"threat_intel_search", 24}};
  status.throttle_remaining = 74;
  auto windows = std::make_shared<scrape::QuotaWindowStates>();
  for (const auto& [family, used] : state->limits->used) {
    windows->push_back({.family = family,
                        .consumed_total = 10 * used,
                        .window = 24h,
                        .reset = kNow + 6h,
                        .reset_uncertainty = 60s});
  }
  state->windows = std::move(windows);
  state->status = std::make_shared<const scrape::Remaining>(std::move(status));
  return state;
}

std::shared_ptr<scrape::KeyState> KeyWithHistory(const std::string& name) {
  std::shared_ptr<scrape::KeyState> state = FullKey(name);
  auto& collectors = state->collectors;
  collectors[IndexOf(scrape::Collector::kHistory)] = collectors[IndexOf(scrape::Collector::kInfo)];
  auto history = std::make_shared<scrape::ScanHistory>();
  scrape::ScanTotals& totals = history->totals;
  totals.results = {90, 3, 1, 0, 0, 2};
  totals.results.back() = 4;
  totals.dlp = {40, 5};
  totals.sandbox = {1, 0, 2};
  totals.sanitizations = {20, 1, 0, 0, 1};
  totals.vulnerabilities = {7, 0, 0, 1};
  totals.blocked = 3;
  totals.engine_detections = 33;
  totals.engines = 3'600;
  history->in_progress = 2;
  history->last_scan = kNow - 30s;
  state->history = std::move(history);
  return state;
}

std::shared_ptr<scrape::KeyState> MemberKey(const std::string& name) {
  std::shared_ptr<scrape::KeyState> state = FullKey(name);
  auto info = std::make_shared<scrape::KeyInfo>(*state->info);
  info->organization = std::make_shared<scrape::OrganizationInfo>();
  scrape::OrganizationInfo& organization = *info->organization;
  organization.organization_id = "5f0c1d2e3a4b";
  organization.entitlement = FullEntitlement();
  organization.entitlement.license_type = "Enterprise";
  organization.ip_whitelist_v4_entries = 2;
  organization.ip_whitelist_v6_entries = 0;
  state->info = std::move(info);
  return state;
}

exporter::MetricsInput InputOf(const scrape::Snapshot& snapshot) {
  exporter::MetricsInput input;
  input.snapshot = &snapshot;
  input.now = kNow;
  input.steady_now = kSteadyNow;
  input.config.last_success = kNow - 1h;
  input.build = {"0.0.0", "0000000", "g++ 12", "linux", "amd64"};
  input.http_requests = {{200, "/metrics", 12}, {404, "other", 1}};
  input.process = {1.5, 20971520, 209715200, 12, 1024, 1767319445};
  return input;
}

}  // namespace test
