#include "exporter/cli/http_problem_log.h"

#include <cstddef>
#include <utility>

#include "scrape/event_log.h"

namespace exporter {
namespace {

constexpr std::chrono::minutes kRepeat{15};
constexpr std::chrono::minutes kForget{30};
constexpr std::size_t kDifferent = 10;

}  // namespace

HttpProblemLog::HttpProblemLog(std::function<Time()> now) : now_(std::move(now)) {}

void HttpProblemLog::Tell(std::string_view problem) {
  const scrape::MutexLock lock(mutex_);
  const Time now = now_();
  std::erase_if(entries_,
                [now](const auto& entry) { return now - entry.second.told_at >= kForget; });
  auto found = entries_.find(problem);
  if (found == entries_.end()) {
    const std::string_view name = entries_.size() < kDifferent ? problem : "";
    found = entries_.try_emplace(std::string(name)).first;
  }
  Entry& entry = found->second;
  ++entry.times;
  if (entry.told && now - entry.told_at < kRepeat) return;
  scrape::LogEvent(scrape::LogLevel::kWarn, "HTTP server",
                   {{"problem", problem}, {"times", entry.times}});
  entry = {.told_at = now, .times = 0, .told = true};
}

}  // namespace exporter
