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
constexpr const char* kStays = "what was read before stays in use";
constexpr const char* kNotTakenOver = "the scrape loop does not take it over";
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
  std::vector<std::string_view> other_connection;
  for (const auto& key : after) {
    const auto found = old.find(key->name);
    if (found == old.end()) {
      added.push_back(key->name);
      continue;
    }
    if (!(found->second->secret == key->secret)) other_secret.push_back(key->name);
    if (*found->second->connection != *key->connection) other_connection.push_back(key->name);
    old.erase(found);
  }
  std::vector<std::string_view> removed;
  removed.reserve(old.size());
  for (const auto& [name, key] : old) removed.push_back(name);
  if (only_differences && added.empty() && removed.empty() && other_secret.empty() &&
      other_connection.empty()) {
    return;
  }
  LogEvent(LogLevel::kInfo, event,
           {{"keys", static_cast<std::int64_t>(after.size())},
            {"added", Names(added)},
            {"removed", Names(removed)},
            {"new_apikey", Names(other_secret)},
            {"new_connection", Names(other_connection)}});
}

// What is in `a`, but not in `b`.
std::vector<std::string> Without(std::vector<std::string> a, const std::vector<std::string>& b) {
  const std::set<std::string_view> unwanted(b.begin(), b.end());
  std::erase_if(a, [&unwanted](const std::string& line) { return unwanted.contains(line); });
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

LiveConfig::LiveConfig(ConfigFile file, std::string web_file, Surroundings around)
    : file_(std::move(file)), web_file_(std::move(web_file)), around_(std::move(around)) {
  const Surroundings recording = Recording(paths_);
  std::vector<Problem> problems;
  const auto collect = [&problems](const auto& load) {
    try {
      load();
    } catch (const ConfigError& error) {
      problems.insert(problems.end(), error.Problems().begin(), error.Problems().end());
    }
  };
  collect([&] {
    text_ = ReadConfigText(file_, around_);
    SetInForce(ReadConfig(text_, file_, recording));
  });
  collect([&] { SetWebInForce(LoadWebConfigIfAny(web_file_, recording)); });
  if (!problems.empty()) throw ConfigError(std::move(problems));
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

tl::expected<void, std::vector<std::string>> LiveConfig::Reload(Cause cause) {
  Paths paths;
  const Surroundings recording = Recording(paths);
  std::vector<std::string> problems;
  const auto collect = [&problems](const auto& load) {
    try {
      load();
    } catch (const ConfigError& error) {
      const std::vector<std::string> texts = TextsOf(error);
      problems.insert(problems.end(), texts.begin(), texts.end());
    }
  };
  ConfigText text;
  Config config;
  WebConfig web;
  collect([&] {
    text = ReadConfigText(ExpectedFile(), around_);
    config = ReadConfig(text, file_, recording);
  });
  collect([&] { web = LoadWebConfigIfAny(web_file_, recording); });
  const std::shared_ptr<const Config> before = InForce();
  if (problems.empty()) problems = TakeOver(config, web);
  if (!problems.empty()) {
    refused_paths_ = std::move(paths);
    LogRefusal(problems, cause);
    SetOutcome(false);
    return tl::unexpected(std::move(problems));
  }
  LogDifference("configuration reloaded", before->keys, config.keys, false);
  for (const auto& warnings : {config.warnings, web.warnings}) {
    for (const std::string& warning : warnings) LogEvent(LogLevel::kWarn, warning);
  }
  LogKept({}, {});
  text_ = std::move(text);
  paths_ = std::move(paths);
  refused_paths_ = {};
  refused_problems_.clear();
  SetInForce(std::move(config));
  SetWebInForce(std::move(web));
  SetOutcome(true);
  return {};
}

void LiveConfig::LogRefusal(const std::vector<std::string>& problems, Cause cause) {
  constexpr std::string_view kEvent = "configuration not reloaded: the one in force stays";
  if (std::exchange(refused_problems_, problems) != problems) {
    LogProblems(LogLevel::kError, kEvent, problems);
  } else if (cause == Cause::kAsked) {
    LogEvent(LogLevel::kError, kEvent,
             {{"problem", problems.front()},
              {"problems_as_before", static_cast<std::int64_t>(problems.size())}});
  }
}

// All or nothing; the problems if nothing.
std::vector<std::string> LiveConfig::TakeOver(const Config& config, const WebConfig& web) {
  const std::shared_ptr<const WebConfig> web_before = WebInForce();
  const bool other_web = !(web == *web_before);
  if (other_web) {
    if (const auto taken = followers_.web(web); !taken) return {web_file_ + ": " + taken.error()};
  }
  if (followers_.keys(config)) return {};
  if (other_web) static_cast<void>(followers_.web(*web_before));
  return {kNotTakenOver};
}

void LiveConfig::Refresh(scrape::SteadyTime now) {
  const std::shared_ptr<const Config> before = InForce();
  Paths paths;
  const Surroundings recording = Recording(paths);
  std::vector<std::string> kept = RefreshWeb(recording);
  try {
    Config config = ReadConfig(text_, file_, recording, before.get());
    kept.insert(kept.end(), config.kept.begin(), config.kept.end());
    if (!Same(before->keys, config.keys)) {
      if (followers_.keys(config)) {
        LogDifference("files of apikeys have changed", before->keys, config.keys, true);
        for (const std::string& warning : Without(config.warnings, before->warnings)) {
          LogEvent(LogLevel::kWarn, warning);
        }
        SetInForce(std::move(config));
      } else {
        kept.emplace_back(kNotTakenOver);
      }
    }
  } catch (const ConfigError& error) {
    const std::vector<std::string> texts = TextsOf(error);
    kept.insert(kept.end(), texts.begin(), texts.end());
  }
  paths_ = std::move(paths);
  LogKept(kept, now);
}

// Why the pages stay as they are, if they do although something has changed.
std::vector<std::string> LiveConfig::RefreshWeb(const Surroundings& around) {
  try {
    WebConfig web = LoadWebConfigIfAny(web_file_, around);
    const std::shared_ptr<const WebConfig> before = WebInForce();
    if (web == *before) return {};
    // A file that is just being written is empty for a moment, which must not let everybody in.
    const bool nothing = !web.tls && web.users.empty() && web.headers.empty();
    if (nothing && !before->users.empty()) {
      return {fmt::format("{}: is empty; the users stay as they are until a reload", web_file_)};
    }
    if (const auto taken = followers_.web(web); !taken) {
      return {fmt::format("{}: {}; {}", web_file_, taken.error(), kStays)};
    }
    LogEvent(LogLevel::kInfo, "files of the web configuration have changed", {{"file", web_file_}});
    for (const std::string& warning : web.warnings) LogEvent(LogLevel::kWarn, warning);
    SetWebInForce(std::move(web));
    return {};
  } catch (const ConfigError& error) {
    std::vector<std::string> texts = TextsOf(error);
    for (std::string& text : texts) text += fmt::format("; {}", kStays);
    return texts;
  }
}

void LiveConfig::LogKept(const std::vector<std::string>& kept, scrape::SteadyTime now) {
  const std::vector<std::string> before = std::exchange(kept_, kept);
  const std::vector<std::string> news = Without(kept_, before);
  LogProblems(LogLevel::kWarn, "a file is not in order", news);
  if (!news.empty()) kept_logged_ = now;
  LogProblems(LogLevel::kInfo, "a problem of a file is gone", Without(before, kept_));
}

void LiveConfig::Remind(scrape::SteadyTime now) {
  if (kept_.empty() || now - kept_logged_ < kRepeat) return;
  kept_logged_ = now;
  LogProblems(LogLevel::kWarn, "a file is still not in order", kept_);
}

// A file that is in force has to exist: while it is being replaced, MDCLOUD_APIKEY must not take
// its place.
ConfigFile LiveConfig::ExpectedFile() const {
  return {.path = file_.path, .given = file_.given || !text_.from_environment};
}

bool LiveConfig::FileDiffers() const {
  if (!Outcome().successful) return true;
  try {
    return ReadConfigText(ExpectedFile(), around_) != text_;
  } catch (const ConfigError&) {
    return true;
  }
}

void LiveConfig::SetInForce(Config config) {
  auto next = std::make_shared<const Config>(std::move(config));
  {
    const scrape::MutexLock lock(mutex_);
    in_force_ = std::move(next);
  }
  if (followers_.news) followers_.news();
}

void LiveConfig::SetWebInForce(WebConfig web) {
  auto next = std::make_shared<const WebConfig>(std::move(web));
  const scrape::MutexLock lock(mutex_);
  web_in_force_ = std::move(next);
}

void LiveConfig::SetOutcome(bool successful) {
  const auto now =
      std::chrono::time_point_cast<scrape::SystemTime::duration>(std::chrono::system_clock::now());
  {
    const scrape::MutexLock lock(mutex_);
    outcome_.successful = successful;
    if (successful) outcome_.last_success = now;
  }
  if (followers_.news) followers_.news();
}

std::shared_ptr<const Config> LiveConfig::InForce() const {
  const scrape::MutexLock lock(mutex_);
  return in_force_;
}

std::shared_ptr<const WebConfig> LiveConfig::WebInForce() const {
  const scrape::MutexLock lock(mutex_);
  return web_in_force_;
}

ConfigLoad LiveConfig::Outcome() const {
  const scrape::MutexLock lock(mutex_);
  return outcome_;
}

}  // namespace exporter
