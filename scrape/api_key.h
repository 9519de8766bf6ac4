#pragma once
// One configured apikey: name, secret and options, validated. Immutable once built; shared between
// the scrape thread and the snapshots by shared_ptr<const ApiKey>.

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "scrape/api/collector.h"
#include "scrape/connection.h"
#include "scrape/history/history_bounds.h"
#include "scrape/secret.h"
#include "scrape/window_length.h"

namespace scrape {

struct ApiKey {
  std::string name;  // the `key` label; unique
  Secret secret;
  std::map<std::string, std::string> labels;  // the user's own, for mdcloud_apikey_labels
  std::string base_url = "https://api.metadefender.com/v4";  // without a trailing slash
  CollectorSet collectors = kDefaultCollectors;
  std::chrono::milliseconds scrape_interval = std::chrono::minutes(1);  // limits and status
  std::chrono::milliseconds info_interval = std::chrono::minutes(15);
  std::chrono::milliseconds history_interval = std::chrono::minutes(5);
  HistoryBounds history = {};
  std::chrono::milliseconds scrape_timeout =
      std::chrono::seconds(10);                            // one request, connect included
  std::optional<std::chrono::milliseconds> max_staleness;  // absent: auto
  WindowLength quota_window = {};                          // unknown: auto
  std::shared_ptr<const Connection> connection = DefaultConnection();  // never null
  bool nickname_label = false;
  // Its file cannot be read (any more), so the secret is the one that was read before.
  bool secret_unreadable = false;

  // By value, of the connection too.
  friend bool operator==(const ApiKey& a, const ApiKey& b);
};

// How often a collector of this key is to be asked, before any stretching.
[[nodiscard]] std::chrono::milliseconds IntervalOf(const ApiKey& key, Collector collector);

// How long the last good values of a collector stay: 3 of its intervals, at least 10 minutes; a
// configured duration is raised to 2 intervals for collectors that are asked less often.
[[nodiscard]] std::chrono::milliseconds StalenessOf(const ApiKey& key,
                                                    std::chrono::milliseconds interval);

}  // namespace scrape
