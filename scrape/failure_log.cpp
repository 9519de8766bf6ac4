#include "scrape/failure_log.h"

#include <string>
#include <string_view>
#include <utility>

#include "scrape/event_log.h"
#include "scrape/schedule/stretch.h"

namespace scrape {
namespace {

constexpr std::chrono::minutes kRepeat{15};
constexpr std::chrono::minutes kWindow{15};
constexpr int kChanges = 4;  // that are told of a collector in a window

constexpr std::string_view kRecovered = "recovered";
constexpr std::string_view kDropped = "dropped";
constexpr std::string_view kCutShort = "cut short";

// What the person who reads the line can do about it; empty: wait.
std::string_view HintFor(Reason reason) {
  switch (reason) {
    case Reason::kDns:
    case Reason::kConnect:
      return "check base_url, proxy_url and the way there";
    case Reason::kTls:
      return "check tls_config and the host of base_url";
    case Reason::kUnauthorized:
      return "the apikey is rejected and asked again slowly: replace it; a changed file is noticed";
    case Reason::kForbidden:
      return "the service, or something before it, refuses this address or key: check the IP "
             "whitelist";
    case Reason::kIpBlocked:
      return "the service has blocked this address: remove rejected apikeys";
    case Reason::kMtlsRequired:
      return "this apikey works with a client certificate only: set tls_config.cert_file and "
             "key_file of this key";
    case Reason::kNotFound:
    case Reason::kRedirect:
      return "check base_url";
    case Reason::kTimeout:
    case Reason::kTransport:
    case Reason::kQuotaExhausted:
    case Reason::kThrottled:
    case Reason::kClientError:
    case Reason::kServerError:
    case Reason::kBodyTooLarge:
    case Reason::kDecode:
    case Reason::kSchema:
      return "";
  }
  return "";
}

// Of the reason with this name.
std::string_view HintOf(std::string_view name) {
  for (const Reason reason : kReasons) {
    if (NameOf(reason) == name) return HintFor(reason);
  }
  return "";
}

// Of a line about several keys.
constexpr std::string_view kMoreFailed = "more scrapes failed";
std::string_view EventOf(std::string_view what) {
  if (what == kRecovered) return "more scrapes recovered";
  if (what == kDropped) return "more keys have more unknown API families than are exported";
  if (what == kCutShort) return "more scan histories were cut short";
  return kMoreFailed;
}

// At which of its bounds a history was left, and what to do about it.
std::pair<std::string_view, std::string_view> CutAndHint(HistoryCut cut) {
  switch (cut) {
    case HistoryCut::kPages:
      return {"max_pages", "raise history.page_size or history.max_pages"};
    case HistoryCut::kBytes:
      return {"max_bytes", "raise history.max_bytes"};
    case HistoryCut::kDuration:
      return {"max_duration", "raise history.max_duration or history.page_size"};
    case HistoryCut::kMemory:
      return {"memory", "there are more scans than can be told apart: shorten history_interval"};
    case HistoryCut::kCursor:
      return {"cursor", "the service repeated a page's cursor, or sent one that is too long"};
  }
  return {};
}

std::string WhenAgain(const FailureLog::Retry& retry) {
  if (retry.in) {
    return std::to_string(std::chrono::ceil<std::chrono::seconds>(*retry.in).count()) + "s";
  }
  return retry.host_held ? "when the host is asked again" : "with another collector";
}

}  // namespace

bool FailureLog::MayTellChange(Entry& entry, SteadyTime now) {
  if (now >= entry.window_end) {
    entry.window_end = now + kWindow;
    entry.changes = 0;
  }
  return entry.changes++ < kChanges;
}

void FailureLog::Failed(Task task, const ApiKey& key, const ScrapeError& error, SteadyTime now,
                        const Retry& retry) {
  Entry& entry = entries_[task];
  ++entry.failures;
  const bool due =
      entry.told == error.reason ? now - entry.told_at >= kRepeat : MayTellChange(entry, now);
  if (!due) return;
  if (fold_.Admit({HostOf(key.base_url), NameOf(error.reason)}, task.key, key.name, now)) {
    std::optional<std::int64_t> http_status;
    if (error.http_status != 0) http_status = error.http_status;
    std::optional<std::int64_t> api_code;
    if (error.api_code) api_code = *error.api_code;
    LogEvent(LogLevel::kWarn, "scrape failed",
             {{"key", key.name},
              {"collector", NameOf(task.collector)},
              {"reason", NameOf(error.reason)},
              {"http_status", http_status},
              {"api_code", api_code},
              {"detail", error.detail},
              {"failures", entry.failures},
              {"retry_in", WhenAgain(retry)},
              {"hint", HintFor(error.reason)}});
  }
  entry.told = error.reason;
  entry.told_at = now;
  entry.failures = 0;
}

void FailureLog::Succeeded(Task task, const ApiKey& key, SteadyTime now) {
  const auto found = entries_.find(task);
  if (found == entries_.end()) return;
  Entry& entry = found->second;
  if (!entry.told) {
    // What it was before is remembered for a while: it may come and go.
    if (now >= entry.window_end) entries_.erase(found);
    return;
  }
  if (!MayTellChange(entry, now)) return;
  if (fold_.Admit({HostOf(key.base_url), kRecovered}, task.key, key.name, now)) {
    LogEvent(
        LogLevel::kInfo, "scrape recovered",
        {{"key", key.name}, {"collector", NameOf(task.collector)}, {"failures", entry.failures}});
  }
  entry.told.reset();
  entry.failures = 0;
}

void FailureLog::Forget(std::size_t key) {
  for (const Collector collector : kCollectors) {
    entries_.erase({key, collector});
    dropped_.erase({key, collector});
    cut_short_.erase({key, collector});
  }
}

void FailureLog::Dropped(Task task, const ApiKey& key, std::size_t families, SteadyTime now) {
  if (families == 0 || !dropped_.insert(task).second) return;
  if (!fold_.Admit({HostOf(key.base_url), kDropped}, task.key, key.name, now)) return;
  LogEvent(LogLevel::kWarn, "more unknown API families than are exported; the rest is dropped",
           {{"key", key.name},
            {"collector", NameOf(task.collector)},
            {"dropped", static_cast<std::int64_t>(families)}});
}

void FailureLog::CutShort(Task task, const ApiKey& key, std::optional<HistoryCut> cut,
                          SteadyTime now) {
  if (!cut) return;
  const auto [told, first] = cut_short_.emplace(task, now);
  if (!first && now - told->second < kRepeat) return;
  told->second = now;
  if (!fold_.Admit({HostOf(key.base_url), kCutShort}, task.key, key.name, now)) return;
  const auto [at, hint] = CutAndHint(*cut);
  LogEvent(LogLevel::kWarn, "scan history was cut short, so scans may be missing from the counters",
           {{"key", key.name}, {"at", at}, {"hint", hint}});
}

void FailureLog::WriteSummaries(SteadyTime now) {
  for (const LogFold::Summary& summary : fold_.TakeSummaries(now)) {
    const std::string_view event = EventOf(summary.subject.what);
    LogEvent(summary.subject.what == kRecovered ? LogLevel::kInfo : LogLevel::kWarn, event,
             {{"host", summary.subject.host},
              {"reason", event == kMoreFailed ? summary.subject.what : ""},
              {"keys", static_cast<std::int64_t>(summary.keys)},
              {"some_keys", summary.some_keys},
              {"lines", summary.lines},
              {"hint", HintOf(summary.subject.what)}});
  }
}

}  // namespace scrape
