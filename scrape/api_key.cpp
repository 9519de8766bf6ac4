#include "scrape/api_key.h"

#include <algorithm>

namespace scrape {

std::chrono::milliseconds IntervalOf(const ApiKey& key, Collector collector) {
  return collector == Collector::kInfo ? key.info_interval : key.scrape_interval;
}

std::chrono::milliseconds StalenessOf(const ApiKey& key, std::chrono::milliseconds interval) {
  if (key.max_staleness) return std::max(*key.max_staleness, 2 * interval);
  return std::max<std::chrono::milliseconds>(3 * interval, std::chrono::minutes(10));
}

}  // namespace scrape
