#include "scrape/failure_log.h"

#include "scrape/event_log.h"

namespace scrape {
namespace {

constexpr std::chrono::minutes kRepeat{15};

}  // namespace

void FailureLog::Failed(Task task, const std::string& key_name, const ScrapeError& error,
                        SteadyTime now, std::optional<std::chrono::milliseconds> retry_in) {
  const auto [found, is_new] = failing_.try_emplace(task);
  Entry& entry = found->second;
  ++entry.failures;
  if (!is_new && entry.reason == error.reason && now - entry.logged < kRepeat) return;
  const auto seconds =
      retry_in ? std::chrono::ceil<std::chrono::seconds>(*retry_in).count() : std::int64_t{-1};
  std::string retry = seconds < 0 ? "with another collector" : std::to_string(seconds) + "s";
  LogEvent(LogLevel::kWarn, "scrape failed",
           {{"key", key_name},
            {"collector", NameOf(task.collector)},
            {"reason", NameOf(error.reason)},
            {"http_status", error.http_status},
            {"api_code", error.api_code.value_or(0)},
            {"detail", error.detail},
            {"failures", entry.failures},
            {"retry_in", retry}});
  entry = {.reason = error.reason, .logged = now, .failures = 0};
}

void FailureLog::Succeeded(Task task, const std::string& key_name) {
  if (failing_.erase(task) == 0) return;
  LogEvent(LogLevel::kInfo, "scrape recovered",
           {{"key", key_name}, {"collector", NameOf(task.collector)}});
}

void FailureLog::Dropped(Task task, const std::string& key_name, std::size_t families) {
  if (families == 0 || !dropped_.insert(task).second) return;
  LogEvent(LogLevel::kWarn, "more unknown API families than are exported; the rest is dropped",
           {{"key", key_name},
            {"collector", NameOf(task.collector)},
            {"dropped", static_cast<std::int64_t>(families)}});
}

}  // namespace scrape
