#pragma once
// The quotas of one key: which limit counts, how much is left, and how long it lasts. Pure, any
// thread.

#include <vector>

#include "exporter/metrics/key_view.h"
#include "exporter/status/status.h"

namespace exporter {

// Shares from which a quota is a matter of concern: those of the alerts.
inline constexpr double kHighShare = 0.8;
inline constexpr double kNearlyExhaustedShare = 0.95;
// Below this a window has only just begun, and its pace says little.
inline constexpr double kShareOfForecasts = 0.25;

// Empty for a rejected key: what is known of its quotas says nothing any more.
[[nodiscard]] std::vector<ApiStatus> QuotasOf(const KeyView& key, scrape::SystemTime now);

}  // namespace exporter
