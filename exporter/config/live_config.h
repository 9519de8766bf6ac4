#pragma once
// The configuration in force, that of the pages with it, and how another one takes its place: as a
// whole (Reload), or what the files hold that it names (Refresh). Owned by RunServe; Reload,
// Refresh, Remind and the watched paths belong to the reloader's thread, Outcome and the two in
// force may be asked for by any thread.

#include <chrono>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "exporter/config/config.h"
#include "exporter/config/web_config.h"
#include "exporter/metrics/metrics_input.h"
#include "scrape/mutex.h"
#include "scrape/schedule/steady_time.h"

namespace exporter {

class LiveConfig {
 public:
  // Loads both; throws ConfigError with every problem. `web_file`: empty for none.
  LiveConfig(ConfigFile file, std::string web_file, Surroundings around);

  // Who makes a configuration take effect.
  struct Followers {
    std::function<bool(const Config&)> keys;  // false: not possible
    std::function<tl::expected<void, std::string>(const WebConfig&)> web;
    std::function<void()> news;  // what is in force, or the outcome, has become another
  };
  // Before the first Reload or Refresh.
  void Follow(Followers followers) { followers_ = std::move(followers); }

  // Who wants it: somebody, who is told each time, or a change that was seen, which is not news
  // twice.
  enum class Cause { kAsked, kSeen };
  // Reads and checks everything anew. On any problem all stays as it is, and the problems are
  // returned, and logged: in full unless they are those of the time before.
  tl::expected<void, std::vector<std::string>> Reload(Cause cause = Cause::kAsked);
  // Reads the files anew that the configuration in force names, and the one of the pages. What is
  // not in order stays as it was; a change is logged.
  void Refresh(scrape::SteadyTime now);
  // Says again what is not in order, every 15 minutes.
  void Remind(scrape::SteadyTime now);
  // The configuration file itself says something else than what is in force, or the last reload
  // failed.
  [[nodiscard]] bool FileDiffers() const;

  struct Paths {
    std::set<std::string> files;
    std::set<std::string> directories;
  };
  // What was read (the file of the pages, too), and what a configuration that was refused would
  // need: a change is worth a Refresh. Without the configuration file itself.
  [[nodiscard]] Paths Watched() const;
  [[nodiscard]] const std::string& File() const { return file_.path; }

  [[nodiscard]] std::shared_ptr<const Config> InForce() const;
  [[nodiscard]] std::shared_ptr<const WebConfig> WebInForce() const;
  [[nodiscard]] ConfigLoad Outcome() const;

 private:
  [[nodiscard]] ConfigFile ExpectedFile() const;
  [[nodiscard]] Surroundings Recording(Paths& paths) const;
  [[nodiscard]] std::vector<std::string> TakeOver(const Config& config, const WebConfig& web);
  [[nodiscard]] std::vector<std::string> RefreshWeb(const Surroundings& around);
  void LogRefusal(const std::vector<std::string>& problems, Cause cause);
  void SetInForce(Config config);
  void SetWebInForce(WebConfig web);
  void SetOutcome(bool successful);
  void LogKept(const std::vector<std::string>& kept, scrape::SteadyTime now);

  const ConfigFile file_;
  const std::string web_file_;
  const Surroundings around_;
  Followers followers_;
  ConfigText text_;
  Paths paths_;
  Paths refused_paths_;
  std::vector<std::string> refused_problems_;
  std::vector<std::string> kept_;  // as logged last
  scrape::SteadyTime kept_logged_{};

  mutable scrape::Mutex mutex_;
  std::shared_ptr<const Config> in_force_ GUARDED_BY(mutex_);
  std::shared_ptr<const WebConfig> web_in_force_ GUARDED_BY(mutex_);
  ConfigLoad outcome_ GUARDED_BY(mutex_);
};

}  // namespace exporter
