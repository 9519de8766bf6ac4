#include "exporter/config/live_config.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <string_view>
#include <utility>

#include "scrape/event_log.h"

namespace exporter {
namespace {

using scrape::LogEvent;
using scrape::LogLevel;

constexpr std::chrono::minutes kRepeat{15};
constexpr std::size_t kMostLines = 10;
constexpr std::size_t kMostNames = 10;

using Keys = std::vector<std::shared_ptr<const scrape::ApiKey>>;

bool Same(const Keys& a, const Keys& b) {
  return std::ranges::equal(a, b, [](const auto& x, const auto& y) { return *x == *y; });
}

// "a, b, c and 12 more".
std::string Names(const std::vector<std::string_view>& names) {
  const auto shown = static_cast<std::ptrdiff_t>(std::min(names.size(), kMostNames));
  std::string text = fmt::format("{}", fmt::join(names.begin(), names.begin() + shown, ", "));
  if (names.size() > kMostNames) text += fmt::format(" and {} more", names.size() - kMostNames);
  return text;
}

void LogDifference(std::string_view event, const Keys& before, const Keys& after,
                   bool only_differences) {
  std::map<std::string_view, const scrape::ApiKey*> old;
  for (const auto& key : before) old.emplace(key->name, key.get());
  std::vector<std::string_view> added;
  std::vector<std::string_view> other_secret;
  for (const auto& key : after) {
    const auto found = old.find(key->name);
    if (found == old.end()) {
      added.push_back(key->name);
      continue;
    }
    if (!(found->second->secret == key->secret)) other_secret.push_back(key->name);
    old.erase(found);
  }
  std::vector<std::string_view> removed;
  for (const auto& [name, key] : old) removed.push_back(name);
  if (only_differences && added.empty() && removed.empty() && other_secret.empty()) return;
  LogEvent(LogLevel::kInfo, event,
           {{"keys", static_cast<std::int64_t>(after.size())},
            {"added", Names(added)},
            {"removed", Names(removed)},
            {"new_apikey", Names(other_secret)}});
}

// What is in `a`, but not in `b`.
std::vector<std::string> Without(std::vector<std::string> a, const std::vector<std::string>& b) {
  std::erase_if(a, [&b](const std::string& line) { return std::ranges::count(b, line) > 0; });
  return a;
}

void LogProblems(LogLevel level, std::string_view event, const std::vector<std::string>& problems) {
  const std::size_t shown = std::min(problems.size(), kMostLines);
  for (std::size_t i = 0; i < shown; ++i) LogEvent(level, event, {{"problem", problems[i]}});
  if (shown == problems.size()) return;
  LogEvent(level, event,
           {{"problem", fmt::format("{} more problems of this kind", problems.size() - shown)}});
}

std::vector<std::string> TextsOf(const ConfigError& error) {
  std::vector<std::string> texts;
  for (const Problem& problem : error.Problems()) texts.push_back(problem.Text());
  return texts;
}

}  // namespace

LiveConfig::LiveConfig(ConfigFile file, Surroundings around)
    : file_(std::move(file)),
      around_(std::move(around)),
      text_(ReadConfigText(file_, around_)),
      in_force_(std::make_shared<const Config>(ReadConfig(text_, file_.path, Recording(paths_)))) {
  SetOutcome(true);
}

// Notes what is read.
Surroundings LiveConfig::Recording(Paths& paths) const {
  paths = {};
  Surroundings recording = around_;
  recording.read_file = [this, &paths](const std::string& path, std::size_t limit) {
    paths.files.insert(path);
    return around_.read_file(path, limit);
  };
  recording.list_files = [this, &paths](const std::string& path) {
    paths.directories.insert(path);
    return around_.list_files(path);
  };
  return recording;
}

LiveConfig::Paths LiveConfig::Watched() const {
  Paths all = paths_;
  all.files.insert(refused_paths_.files.begin(), refused_paths_.files.end());
  all.directories.insert(refused_paths_.directories.begin(), refused_paths_.directories.end());
  return all;
}

tl::expected<void, std::vector<std::string>> LiveConfig::Reload() {
  Paths paths;
  std::vector<std::string> problems;
  try {
    ConfigText text = ReadConfigText(file_, around_);
    Config config = ReadConfig(text, file_.path, Recording(paths));
    const std::shared_ptr<const Config> before = InForce();
    if (apply_(config)) {
      LogDifference("configuration reloaded", before->keys, config.keys, false);
      for (const std::string& warning : config.warnings) LogEvent(LogLevel::kWarn, warning);
      LogKept({}, {});
      text_ = std::move(text);
      paths_ = std::move(paths);
      refused_paths_ = {};
      refused_problems_.clear();
      TakeOver(std::move(config));
      SetOutcome(true);
      return {};
    }
    problems.emplace_back("the scrape loop does not take it over");
  } catch (const ConfigError& error) {
    problems = TextsOf(error);
  }
  refused_paths_ = std::move(paths);
  if (std::exchange(refused_problems_, problems) != problems) {
    LogProblems(LogLevel::kError, "configuration not reloaded: the one in force stays", problems);
  }
  SetOutcome(false);
  return tl::unexpected(std::move(problems));
}

void LiveConfig::Refresh(scrape::SteadyTime now) {
  const std::shared_ptr<const Config> before = InForce();
  try {
    Paths paths;
    Config config = ReadConfig(text_, file_.path, Recording(paths), before.get());
    paths_ = std::move(paths);
    not_taken_over_.clear();
    LogKept(config.kept, now);
    if (Same(before->keys, config.keys)) return;
    if (!apply_(config)) return;
    LogDifference("files of apikeys have changed", before->keys, config.keys, true);
    TakeOver(std::move(config));
  } catch (const ConfigError& error) {
    if (std::exchange(not_taken_over_, error.what()) == error.what()) return;
    LogProblems(LogLevel::kError, "a file has changed, but is not taken over", TextsOf(error));
  }
}

void LiveConfig::LogKept(const std::vector<std::string>& kept, scrape::SteadyTime now) {
  const std::vector<std::string> before = std::exchange(kept_, kept);
  const std::vector<std::string> news = Without(kept_, before);
  LogProblems(LogLevel::kWarn, "a file cannot be read", news);
  if (!news.empty()) kept_logged_ = now;
  LogProblems(LogLevel::kInfo, "a file can be read again, or is not needed any more",
              Without(before, kept_));
}

void LiveConfig::Remind(scrape::SteadyTime now) {
  if (kept_.empty() || now - kept_logged_ < kRepeat) return;
  kept_logged_ = now;
  LogProblems(LogLevel::kWarn, "a file still cannot be read", kept_);
}

bool LiveConfig::FileDiffers() const {
  if (!Outcome().successful) return true;
  try {
    return ReadConfigText(file_, around_) != text_;
  } catch (const ConfigError&) {
    return true;
  }
}

void LiveConfig::TakeOver(Config config) {
  auto next = std::make_shared<const Config>(std::move(config));
  {
    const scrape::MutexLock lock(mutex_);
    in_force_ = std::move(next);
  }
  if (tell_) tell_();
}

void LiveConfig::SetOutcome(bool successful) {
  const auto now =
      std::chrono::time_point_cast<scrape::SystemTime::duration>(std::chrono::system_clock::now());
  {
    const scrape::MutexLock lock(mutex_);
    outcome_.successful = successful;
    if (successful) outcome_.last_success = now;
  }
  if (tell_) tell_();
}

std::shared_ptr<const Config> LiveConfig::InForce() const {
  const scrape::MutexLock lock(mutex_);
  return in_force_;
}

ConfigLoad LiveConfig::Outcome() const {
  const scrape::MutexLock lock(mutex_);
  return outcome_;
}

}  // namespace exporter
