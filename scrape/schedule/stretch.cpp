#include "scrape/schedule/stretch.h"

#include <algorithm>
#include <cmath>
#include <string_view>

namespace scrape {

std::string HostOf(const std::string& base_url) {
  const std::size_t scheme = base_url.find("://");
  const std::size_t begin = scheme == std::string::npos ? 0 : scheme + 3;
  const std::string host = base_url.substr(begin, base_url.find('/', begin) - begin);
  const std::string_view own_port = base_url.starts_with("http://") ? ":80" : ":443";
  return host.ends_with(own_port) ? host.substr(0, host.size() - own_port.size()) : host;
}

std::map<std::string, double> StretchFactors(const std::vector<std::shared_ptr<const ApiKey>>& keys,
                                             int max_requests_per_second) {
  std::map<std::string, double> factors;  // first: requests per second
  for (const std::shared_ptr<const ApiKey>& key : keys) {
    double& demand = factors[HostOf(key->base_url)];
    for (const Collector collector : kCollectors) {
      if (!key->collectors[IndexOf(collector)]) continue;
      demand += 1 / std::chrono::duration<double>(IntervalOf(*key, collector)).count();
    }
  }
  for (auto& [host, factor] : factors) factor = std::max(1.0, factor / max_requests_per_second);
  return factors;
}

std::chrono::milliseconds Stretched(std::chrono::milliseconds interval, double factor) {
  const double stretched = std::ceil(static_cast<double>(interval.count()) * factor);
  return std::chrono::milliseconds(static_cast<std::chrono::milliseconds::rep>(stretched));
}

}  // namespace scrape
