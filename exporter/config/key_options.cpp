#include "exporter/config/key_options.h"

#include <fmt/format.h>

#include <chrono>
#include <cstddef>
#include <string_view>
#include <utility>

namespace exporter {
namespace {

using namespace std::chrono_literals;
using Kind = YamlNode::Kind;

constexpr DurationBounds kScrapeInterval{1s, 24h};
constexpr DurationBounds kInfoInterval{1s, 7 * 24h};
constexpr DurationBounds kHistoryInterval{1s, 24h};
constexpr DurationBounds kTimeout{100ms, 5min};
constexpr DurationBounds kStaleness{10s, 365 * 24h};
constexpr DurationBounds kQuotaWindow{10s, 365 * 24h};
// The service has a limit of its own just above.
constexpr int kLargestPage = 9999;
constexpr int kMostPages = 1000;
constexpr ByteSizeBounds kHistoryBytes{std::size_t{64} << 10, std::size_t{64} << 20};
constexpr DurationBounds kHistoryDuration{1s, 1h};
constexpr milliseconds kPoliteInterval = 10s;  // what is asked more often gets a warning
constexpr int kMaxConcurrentRequests = 1000;
constexpr int kMaxRequestsPerSecond = 10'000;
constexpr int kMaxRejectedRequestsPerHour = 1000;

void ReadInterval(const MapReader& reader, std::string_view name, const DurationBounds& bounds,
                  ProblemList& problems, milliseconds& interval) {
  const YamlNode* node = reader.Find(name);
  if (node == nullptr) return;
  const auto read = ReadDuration(*node, bounds, "", problems);
  if (!read) return;
  interval = *read;
  if (interval < kPoliteInterval) {
    problems.Warn(node->position, fmt::format("{} is below {}s: the service may throttle or block "
                                              "this address",
                                              name, kPoliteInterval / 1s));
  }
}

void ReadQuotaWindow(const YamlNode& node, ProblemList& problems, scrape::WindowLength& window) {
  using Length = scrape::WindowLength::Kind;
  const bool text = node.kind == Kind::kText;
  if (text && node.text == "auto") {
    window = {};
  } else if (text && node.text == "calendar_month") {
    window = {.kind = Length::kCalendarMonth, .fixed = {}};
  } else if (const auto fixed =
                 ReadDuration(node, kQuotaWindow, "auto, calendar_month or ", problems)) {
    window = {.kind = Length::kFixed, .fixed = *fixed};
  }
}

Section TlsOf(Section section) {
  switch (section) {
    case Section::kKey:
      return Section::kKeyTls;
    case Section::kKeyDirectory:
      return Section::kKeyDirectoryTls;
    default:
      return Section::kTls;
  }
}

}  // namespace

KeyOptions DefaultKeyOptions() {
  const scrape::ApiKey key;
  return {.labels = {},
          .base_url = key.base_url,
          .collectors = key.collectors,
          .scrape_interval = key.scrape_interval,
          .info_interval = key.info_interval,
          .history_interval = key.history_interval,
          .history = key.history,
          .scrape_timeout = key.scrape_timeout,
          .max_staleness = key.max_staleness,
          .quota_window = key.quota_window,
          .nickname_label = key.nickname_label,
          .connection = {},
          .places = {}};
}

void ReadGlobal(const YamlNode& node, const std::string& config_file, ProblemList& problems,
                KeyOptions& keys, scrape::ScrapeOptions& scrape) {
  if (!Is(Kind::kMap, node, "a map of options", problems)) return;
  const MapReader reader(node, Section::kGlobal, problems);
  ReadOverrides(reader, Section::kGlobal, config_file, problems, keys);
  if (const YamlNode* most = reader.Find("max_concurrent_requests")) {
    scrape.max_concurrent_requests = ReadInteger(*most, 1, kMaxConcurrentRequests, problems)
                                         .value_or(scrape.max_concurrent_requests);
  }
  if (const YamlNode* most = reader.Find("max_requests_per_second")) {
    scrape.max_requests_per_second = ReadInteger(*most, 1, kMaxRequestsPerSecond, problems)
                                         .value_or(scrape.max_requests_per_second);
  }
  if (const YamlNode* most = reader.Find("max_rejected_requests_per_hour")) {
    scrape.max_rejected_requests_per_hour =
        ReadInteger(*most, 1, kMaxRejectedRequestsPerHour, problems)
            .value_or(scrape.max_rejected_requests_per_hour);
  }
}

void ReadHistory(const YamlNode& node, ProblemList& problems, scrape::HistoryBounds& bounds) {
  if (!Is(Kind::kMap, node, "a map of options", problems)) return;
  const MapReader reader(node, Section::kHistory, problems);
  if (const YamlNode* size = reader.Find("page_size")) {
    bounds.page_size = ReadInteger(*size, 1, kLargestPage, problems).value_or(bounds.page_size);
  }
  if (const YamlNode* most = reader.Find("max_pages")) {
    bounds.max_pages = ReadInteger(*most, 1, kMostPages, problems).value_or(bounds.max_pages);
  }
  if (const YamlNode* most = reader.Find("max_bytes")) {
    bounds.max_bytes = ReadByteSize(*most, kHistoryBytes, problems).value_or(bounds.max_bytes);
  }
  if (const YamlNode* most = reader.Find("max_duration")) {
    bounds.max_duration =
        ReadDuration(*most, kHistoryDuration, "", problems).value_or(bounds.max_duration);
  }
}

void ReadOverrides(const MapReader& reader, Section section, const std::string& config_file,
                   ProblemList& problems, KeyOptions& options) {
  if (const YamlNode* labels = reader.Find("labels")) {
    options.labels = ReadLabels(*labels, problems);
  }
  if (const YamlNode* url = reader.Find("base_url")) {
    options.base_url = ReadBaseUrl(*url, problems).value_or(options.base_url);
  }
  if (const YamlNode* collectors = reader.Find("collectors")) {
    options.collectors = ReadCollectors(*collectors, problems).value_or(options.collectors);
  }
  ReadInterval(reader, "scrape_interval", kScrapeInterval, problems, options.scrape_interval);
  ReadInterval(reader, "info_interval", kInfoInterval, problems, options.info_interval);
  ReadInterval(reader, "history_interval", kHistoryInterval, problems, options.history_interval);
  if (const YamlNode* timeout = reader.Find("scrape_timeout")) {
    options.scrape_timeout =
        ReadDuration(*timeout, kTimeout, "", problems).value_or(options.scrape_timeout);
  }
  if (const YamlNode* staleness = reader.Find("max_staleness")) {
    const bool automatic = staleness->kind == Kind::kText && staleness->text == "auto";
    options.max_staleness =
        automatic ? std::nullopt : ReadDuration(*staleness, kStaleness, "auto or ", problems);
  }
  if (const YamlNode* window = reader.Find("quota_window")) {
    ReadQuotaWindow(*window, problems, options.quota_window);
  }
  if (const YamlNode* nickname = reader.Find("nickname_label")) {
    options.nickname_label = ReadBool(*nickname, problems).value_or(options.nickname_label);
  }
  ReadConnectionOptions(reader, TlsOf(section), config_file, problems, options.connection,
                        options.places);
}

scrape::ApiKey MakeApiKey(std::string name, scrape::Secret secret, const KeyOptions& options,
                          std::shared_ptr<const scrape::Connection> connection) {
  return {.name = std::move(name),
          .secret = std::move(secret),
          .labels = options.labels,
          .base_url = options.base_url,
          .collectors = options.collectors,
          .scrape_interval = options.scrape_interval,
          .info_interval = options.info_interval,
          .history_interval = options.history_interval,
          .history = options.history,
          .scrape_timeout = options.scrape_timeout,
          .max_staleness = options.max_staleness,
          .quota_window = options.quota_window,
          .connection = std::move(connection),
          .nickname_label = options.nickname_label};
}

}  // namespace exporter
