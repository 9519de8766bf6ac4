#include "exporter/metrics/account_metrics.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

namespace exporter {
namespace {

using scrape::Entitlement;
using scrape::Expiration;
using scrape::KeyInfo;

const Entitlement* OfKey(const KeyView& key) {
  return key.info == nullptr ? nullptr : &key.info->entitlement;
}

const Entitlement* OfOrganization(const KeyView& key) {
  const bool member = key.info != nullptr && key.info->organization != nullptr;
  return member ? &key.info->organization->entitlement : nullptr;
}

using EntitlementOf = const Entitlement* (*)(const KeyView&);

void ExpirationDays(const MetricsView& view, Series& series, EntitlementOf entitlement_of) {
  if (!view.input.options.expiration_days) return;
  for (const KeyView& key : view.keys) {
    const Entitlement* entitlement = entitlement_of(key);
    if (entitlement == nullptr || entitlement->expiration.kind != Expiration::Kind::kAt) continue;
    series.Add({{"key", key.name}}, ToDays(entitlement->expiration.at - view.input.now));
  }
}

void ExpirationTimestamp(const MetricsView& view, Series& series, EntitlementOf entitlement_of) {
  for (const KeyView& key : view.keys) {
    const Entitlement* entitlement = entitlement_of(key);
    if (entitlement == nullptr || entitlement->expiration.kind != Expiration::Kind::kAt) continue;
    series.Add({{"key", key.name}}, ToSeconds(entitlement->expiration.at));
  }
}

void Expires(const MetricsView& view, Series& series, EntitlementOf entitlement_of) {
  for (const KeyView& key : view.keys) {
    const Entitlement* entitlement = entitlement_of(key);
    if (entitlement == nullptr) continue;
    switch (entitlement->expiration.kind) {
      case Expiration::Kind::kUnknown:
        break;
      case Expiration::Kind::kNever:
        series.Add({{"key", key.name}}, 0);
        break;
      case Expiration::Kind::kAt:
        series.Add({{"key", key.name}}, 1);
        break;
    }
  }
}

// Labels of an info metric: what the service did not say is left out.
class InfoLabels {
 public:
  void Add(std::string_view name, std::string_view value) {
    if (!value.empty()) labels_[size_++] = {name, value};
  }
  [[nodiscard]] std::span<const LabelRef> Get() const { return {labels_.data(), size_}; }

 private:
  std::array<LabelRef, 8> labels_;
  std::size_t size_ = 0;
};

struct Feature {
  std::string_view name;
  std::optional<bool> (*of)(const KeyInfo&);
};

// Sorted by name.
constexpr std::array kFeatures = {
    Feature{"enterprise", [](const KeyInfo& info) { return info.enterprise; }},
    Feature{"large_files", [](const KeyInfo& info) { return info.large_files; }},
    Feature{"mtls_only", [](const KeyInfo& info) { return info.mtls_only; }},
    Feature{"paid", [](const KeyInfo& info) { return info.paid; }},
    Feature{"private_scan_enforced",
            [](const KeyInfo& info) { return info.entitlement.private_scan_enforced; }},
    Feature{"safe_redirect", [](const KeyInfo& info) { return info.safe_redirect; }},
};

}  // namespace

void KeyExpirationDays(const MetricsView& view, Series& series) {
  ExpirationDays(view, series, OfKey);
}

void KeyExpirationTimestamp(const MetricsView& view, Series& series) {
  ExpirationTimestamp(view, series, OfKey);
}

void KeyExpires(const MetricsView& view, Series& series) { Expires(view, series, OfKey); }

void KeyFeature(const MetricsView& view, Series& series) {
  for (const Feature& feature : kFeatures) {
    for (const KeyView& key : view.keys) {
      if (key.info == nullptr) continue;
      const std::optional<bool> value = feature.of(*key.info);
      if (value) series.Add({{"feature", feature.name}, {"key", key.name}}, ToSample(*value));
    }
  }
}

void KeyInfoLabels(const MetricsView& view, Series& series) {
  for (const KeyView& key : view.keys) {
    if (key.info == nullptr) continue;
    const KeyInfo& info = *key.info;
    InfoLabels labels;
    labels.Add("key", key.name);
    labels.Add("license_type", info.entitlement.license_type);
    if (key.state->key->nickname_label) labels.Add("nickname", info.nickname);
    if (info.organization) labels.Add("organization_id", info.organization->organization_id);
    labels.Add("qos_scan", info.entitlement.qos_scan);
    labels.Add("sandbox_qos_scan", info.entitlement.sandbox_qos_scan);
    labels.Add("scan_with", info.scan_with);
    labels.Add("time_interval", info.entitlement.time_interval);
    series.Add(labels.Get(), 1);
  }
}

void KeyOwnLabels(const MetricsView& view, Series& series) {
  // Names differ from key to key, so the keys' order is not the series' order.
  using Labels = std::vector<std::pair<std::string_view, std::string_view>>;
  std::vector<Labels> all;
  all.reserve(view.keys.size());
  for (const KeyView& key : view.keys) {
    Labels labels = {{"key", key.name}};
    for (const auto& [name, value] : key.state->key->labels) {
      if (name != "key") labels.emplace_back(name, value);
    }
    std::sort(labels.begin(), labels.end());
    all.push_back(std::move(labels));
  }
  std::sort(all.begin(), all.end());
  std::vector<LabelRef> refs;
  for (const Labels& labels : all) {
    refs.clear();
    for (const auto& [name, value] : labels) refs.push_back({name, value});
    series.Add(refs, 1);
  }
}

void ClientCertificateExpiration(const MetricsView& view, Series& series) {
  for (const KeyView& key : view.keys) {
    const auto& identity = key.state->key->connection->identity;
    if (identity != nullptr) series.Add({{"key", key.name}}, ToSeconds(identity->expires));
  }
}

void KeyValid(const MetricsView& view, Series& series) {
  for (const KeyView& key : view.keys) {
    if (key.state->valid) series.Add({{"key", key.name}}, ToSample(*key.state->valid));
  }
}

void OrganizationExpirationDays(const MetricsView& view, Series& series) {
  ExpirationDays(view, series, OfOrganization);
}

void OrganizationExpirationTimestamp(const MetricsView& view, Series& series) {
  ExpirationTimestamp(view, series, OfOrganization);
}

void OrganizationExpires(const MetricsView& view, Series& series) {
  Expires(view, series, OfOrganization);
}

void OrganizationInfoLabels(const MetricsView& view, Series& series) {
  for (const KeyView& key : view.keys) {
    const Entitlement* entitlement = OfOrganization(key);
    if (entitlement == nullptr) continue;
    InfoLabels labels;
    labels.Add("key", key.name);
    labels.Add("license_type", entitlement->license_type);
    labels.Add("organization_id", key.info->organization->organization_id);
    labels.Add("qos_scan", entitlement->qos_scan);
    labels.Add("sandbox_qos_scan", entitlement->sandbox_qos_scan);
    labels.Add("time_interval", entitlement->time_interval);
    series.Add(labels.Get(), 1);
  }
}

void OrganizationIpWhitelistEntries(const MetricsView& view, Series& series) {
  const auto add = [&](std::string_view version, auto member) {
    for (const KeyView& key : view.keys) {
      if (key.info == nullptr || !key.info->organization) continue;
      const std::optional<double>& entries = *key.info->organization.*member;
      if (entries) series.Add({{"ip_version", version}, {"key", key.name}}, *entries);
    }
  };
  add("4", &scrape::OrganizationInfo::ip_whitelist_v4_entries);
  add("6", &scrape::OrganizationInfo::ip_whitelist_v6_entries);
}

}  // namespace exporter
