#pragma once
// Families about the apikey itself and its organisation: what /apikey/ answers, the key's validity
// and the user's own labels. Pure functions of the view, called by the metric table.

#include <optional>

#include "exporter/metrics/key_view.h"
#include "exporter/metrics/series.h"
#include "exporter/metrics/values.h"

namespace exporter {

// One series {key} for each key whose answer carries the member.
template <auto kMember>
void KeyFact(const MetricsView& view, Series& series) {
  for (const KeyView& key : view.keys) {
    if (key.info == nullptr) continue;
    const auto& value = key.info->*kMember;
    if (value) series.Add({{"key", key.name}}, ToSample(*value));
  }
}

template <auto kMember>
void KeyLicence(const MetricsView& view, Series& series) {
  for (const KeyView& key : view.keys) {
    if (key.info == nullptr) continue;
    const auto& value = key.info->entitlement.*kMember;
    if (value) series.Add({{"key", key.name}}, ToSample(*value));
  }
}

template <auto kMember>
void OrganizationLicence(const MetricsView& view, Series& series) {
  for (const KeyView& key : view.keys) {
    if (key.info == nullptr || !key.info->organization) continue;
    const auto& value = key.info->organization->entitlement.*kMember;
    if (value) series.Add({{"key", key.name}}, ToSample(*value));
  }
}

void KeyExpirationDays(const MetricsView& view, Series& series);
void KeyExpirationTimestamp(const MetricsView& view, Series& series);
void KeyExpires(const MetricsView& view, Series& series);
void KeyFeature(const MetricsView& view, Series& series);
void KeyInfoLabels(const MetricsView& view, Series& series);
void KeyOwnLabels(const MetricsView& view, Series& series);
void ClientCertificateExpiration(const MetricsView& view, Series& series);
void KeyValid(const MetricsView& view, Series& series);

void OrganizationExpirationDays(const MetricsView& view, Series& series);
void OrganizationExpirationTimestamp(const MetricsView& view, Series& series);
void OrganizationExpires(const MetricsView& view, Series& series);
void OrganizationInfoLabels(const MetricsView& view, Series& series);
void OrganizationIpWhitelistEntries(const MetricsView& view, Series& series);

}  // namespace exporter
