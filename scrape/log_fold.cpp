#include "scrape/log_fold.h"

#include <algorithm>
#include <chrono>

namespace scrape {
namespace {

using namespace std::chrono_literals;

constexpr int kWritten = 10;  // lines of a subject in a window
constexpr auto kWindow = 15min;
constexpr auto kFirstSummary = 1min;
constexpr auto kLookEvery = 1s;
constexpr std::size_t kNames = 5;

}  // namespace

void LogFold::Roll(Bucket& bucket, SteadyTime now) {
  if (now < bucket.window_end) return;
  bucket.quiet = bucket.folded && now < bucket.window_end + kWindow;
  bucket.window_end = now + kWindow;
  bucket.written = 0;
  bucket.folded = false;
}

bool LogFold::Admit(const Subject& subject, std::size_t key, const std::string& key_name,
                    SteadyTime now) {
  Bucket& bucket = buckets_[subject];
  Roll(bucket, now);
  if (!bucket.quiet && bucket.written < kWritten) {
    ++bucket.written;
    return true;
  }
  bucket.folded = true;
  if (bucket.lines++ == 0) bucket.due = std::max(now + kFirstSummary, bucket.not_before);
  if (bucket.keys.insert(key).second && bucket.names.size() < kNames) {
    bucket.names.push_back(key_name);
  }
  return false;
}

std::vector<LogFold::Summary> LogFold::TakeSummaries(SteadyTime now) {
  std::vector<Summary> summaries;
  if (now < next_look_) return summaries;
  next_look_ = now + kLookEvery;
  for (auto at = buckets_.begin(); at != buckets_.end();) {
    Bucket& bucket = at->second;
    if (bucket.lines > 0 && now >= bucket.due) {
      summaries.push_back({.subject = at->first,
                           .lines = bucket.lines,
                           .keys = bucket.keys.size(),
                           .some_keys = JoinNames(bucket.names, bucket.keys.size())});
      bucket.lines = 0;
      bucket.keys.clear();
      bucket.names.clear();
      bucket.not_before = now + kWindow;
    }
    const bool over = bucket.lines == 0 && now >= bucket.window_end + kWindow;
    at = over ? buckets_.erase(at) : std::next(at);
  }
  return summaries;
}

std::string JoinNames(const std::vector<std::string>& names, std::size_t count) {
  std::string text;
  const std::size_t shown = std::min(names.size(), kNames);
  for (std::size_t i = 0; i < shown; ++i) {
    if (i > 0) text += ", ";
    text += names[i];
  }
  if (count > shown) text += " and " + std::to_string(count - shown) + " more";
  return text;
}

}  // namespace scrape
