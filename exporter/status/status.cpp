#include "exporter/status/status.h"

#include <algorithm>
#include <utility>

#include "exporter/metrics/key_view.h"
#include "exporter/status/problems.h"
#include "exporter/status/quota_status.h"
#include "scrape/schedule/stretch.h"

namespace exporter {
namespace {

using scrape::Collector;
using scrape::Expiration;
using std::chrono::milliseconds;

ExpiryStatus ExpiryOf(const KeyView& key) {
  if (key.info == nullptr) return {};
  const Expiration& own = key.info->entitlement.expiration;
  ExpiryStatus expiry{.kind = own.kind, .at = own.at};
  if (key.info->organization == nullptr) return expiry;
  const Expiration& organization = key.info->organization->entitlement.expiration;
  if (organization.kind == Expiration::Kind::kAt) {
    if (own.kind != Expiration::Kind::kAt || organization.at < own.at) {
      return {.kind = organization.kind, .at = organization.at, .of_organization = true};
    }
  } else if (own.kind == Expiration::Kind::kNever && organization.kind != own.kind) {
    expiry.kind = Expiration::Kind::kUnknown;
  }
  return expiry;
}

std::string_view ErrorOf(const scrape::KeyState& key, const scrape::CollectorState& collector) {
  if (collector.failure) return NameOf(*collector.failure);
  if (collector.paused) return scrape::kPausedReason;
  return key.key->secret_unreadable ? scrape::kSecretReason : std::string_view();
}

std::vector<CollectorStatus> CollectorsOf(const scrape::KeyState& key, scrape::SystemTime now) {
  std::vector<CollectorStatus> collectors;
  for (const Collector collector : scrape::kCollectors) {
    const scrape::CollectorState& state = key.collectors[IndexOf(collector)];
    if (!state.enabled) continue;
    CollectorStatus& status = collectors.emplace_back();
    status.collector = collector;
    status.state = &state;
    if (state.last_success) status.age = std::max(now - *state.last_success, milliseconds(0));
    status.error = ErrorOf(key, state);
  }
  return collectors;
}

KeyStatus StatusOfKey(const scrape::KeyState& state, const Status& status) {
  const KeyView view = ViewOf(state, status.facts.steady_now);
  KeyStatus key;
  key.state = &state;
  key.info = view.info;
  key.host = scrape::HostOf(state.key->base_url);
  key.apis = QuotasOf(view, status.facts.now);
  key.collectors = CollectorsOf(state, status.facts.now);
  key.expiry = ExpiryOf(view);
  if (view.show_quota) {
    if (view.info != nullptr) key.throttle_limit = view.info->entitlement.throttle_limit;
    if (view.status != nullptr) key.throttle_remaining = view.status->throttle_remaining;
  }
  const auto& hosts = status.snapshot->hosts;
  const auto host = std::ranges::find(hosts, key.host, &scrape::HostState::name);
  key.problems = ProblemsOf(key, host != hosts.end() && host->paused, status.facts.now);
  key.severity = key.problems.empty() ? Severity::kOk : key.problems.front().severity;
  return key;
}

}  // namespace

std::string_view NameOf(Severity severity) {
  switch (severity) {
    case Severity::kOk:
      return "ok";
    case Severity::kUnknown:
      return "unknown";
    case Severity::kWarning:
      return "warning";
    case Severity::kCritical:
      return "critical";
  }
  return "unknown";
}

std::size_t Status::Count(Severity severity) const {
  return static_cast<std::size_t>(std::ranges::count(keys, severity, &KeyStatus::severity));
}

Status StatusOf(std::shared_ptr<const scrape::Snapshot> snapshot, StatusFacts facts) {
  Status status{.snapshot = std::move(snapshot), .facts = std::move(facts), .keys = {}};
  status.keys.reserve(status.snapshot->keys.size());
  for (const auto& key : status.snapshot->keys) status.keys.push_back(StatusOfKey(*key, status));
  return status;
}

}  // namespace exporter
