#include "exporter/cli/check.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <optional>
#include <ostream>
#include <set>
#include <string_view>
#include <vector>

#include "exporter/cli/flags.h"
#include "exporter/config/duration.h"
#include "scrape/schedule/stretch.h"

namespace exporter {
namespace {

using std::chrono::milliseconds;

// "1m", or "30s to 5m".
std::string Range(const std::set<milliseconds>& intervals) {
  const std::string least = FormatDuration(*intervals.begin());
  return intervals.size() == 1
             ? least
             : fmt::format("{} to {}", least, FormatDuration(*intervals.rbegin()));
}

}  // namespace

int RunCheck(const ConfigFile& file, const std::string& web_config_file, const Surroundings& around,
             std::ostream& out, std::ostream& err) {
  std::optional<Config> config;
  std::optional<WebConfig> web;
  try {
    config = LoadConfig(file, around);
  } catch (const ConfigError& error) {
    err << error.what() << '\n';
  }
  try {
    web = LoadWebConfigIfAny(web_config_file, around);
  } catch (const ConfigError& error) {
    err << error.what() << '\n';
  }
  if (!config || !web) return kExitFailure;
  for (const auto& warnings : {config->warnings, web->warnings}) {
    for (const std::string& warning : warnings) err << "warning: " << warning << '\n';
  }
  if (const std::string stretch = DescribeStretch(*config); !stretch.empty()) {
    err << "warning: " << stretch << '\n';
  }
  const std::string guarded = Summarize(*web);
  out << Summarize(*config) << (guarded.empty() ? "" : "; pages: " + guarded) << '\n';
  return kExitOk;
}

std::string Summarize(const WebConfig& web) {
  std::vector<std::string> parts;
  if (web.tls) parts.emplace_back("TLS");
  if (web.tls && web.tls->client_auth != http::ClientAuth::kNone) {
    parts.emplace_back("client certificates");
  }
  const std::size_t users = web.users.size();
  if (users > 0) parts.push_back(fmt::format("{} {}", users, users == 1 ? "user" : "users"));
  if (!web.headers.empty()) parts.emplace_back("response headers");
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string Summarize(const Config& config) {
  std::vector<std::string> asked;
  double per_second = 0;
  for (const scrape::Collector collector : scrape::kCollectors) {
    std::set<milliseconds> intervals;
    for (const auto& key : config.keys) {
      if (!key->collectors[IndexOf(collector)]) continue;
      const milliseconds interval = scrape::IntervalOf(*key, collector);
      intervals.insert(interval);
      per_second += 1 / std::chrono::duration<double>(interval).count();
    }
    if (intervals.empty()) continue;
    asked.push_back(fmt::format("{} every {}", NameOf(collector), Range(intervals)));
  }
  const std::size_t count = config.keys.size();
  std::string text = fmt::format("{} {}", count, count == 1 ? "key" : "keys");
  if (config.shard.total > 1) {
    text = fmt::format("shard {} of {}: {}", config.shard.index, config.shard.total, text);
  }
  if (!asked.empty()) {
    text += fmt::format(": {}; {:.3g} requests per second", fmt::join(asked, ", "), per_second);
  }
  return text;
}

std::string DescribeStretch(const Config& config) {
  std::string text;
  for (const auto& [host, factor] :
       scrape::StretchFactors(config.keys, config.options.max_requests_per_second)) {
    if (factor <= 1) continue;
    milliseconds shortest = milliseconds::max();
    for (const auto& key : config.keys) {
      if (scrape::HostOf(key->base_url) == host)
        shortest = std::min(shortest, key->scrape_interval);
    }
    const milliseconds stretched(std::llround(static_cast<double>(shortest.count()) * factor));
    if (!text.empty()) text += "; ";
    text += fmt::format(
        "the keys of {} need more than max_requests_per_second ({}), so all their intervals are "
        "stretched by {:.3g}: scrape_interval {} becomes {}",
        host, config.options.max_requests_per_second, factor, FormatDuration(shortest),
        FormatDuration(stretched));
  }
  return text;
}

}  // namespace exporter
