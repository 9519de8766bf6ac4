#include "scrape/api_key.h"

#include <algorithm>
#include <tuple>

namespace scrape {

bool operator==(const ApiKey& a, const ApiKey& b) {
  const auto rest = [](const ApiKey& key) {
    return std::tie(key.name, key.secret, key.labels, key.base_url, key.collectors,
                    key.scrape_interval, key.info_interval, key.history_interval, key.history,
                    key.scrape_timeout, key.max_staleness, key.quota_window, key.nickname_label,
                    key.secret_unreadable);
  };
  return (a.connection == b.connection || *a.connection == *b.connection) && rest(a) == rest(b);
}

std::chrono::milliseconds IntervalOf(const ApiKey& key, Collector collector) {
  switch (collector) {
    case Collector::kInfo:
      return key.info_interval;
    case Collector::kHistory:
      return key.history_interval;
    case Collector::kLimits:
    case Collector::kStatus:
      break;
  }
  return key.scrape_interval;
}

std::chrono::milliseconds StalenessOf(const ApiKey& key, std::chrono::milliseconds interval) {
  if (key.max_staleness) return std::max(*key.max_staleness, 2 * interval);
  return std::max<std::chrono::milliseconds>(3 * interval, std::chrono::minutes(10));
}

}  // namespace scrape
