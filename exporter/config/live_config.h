#pragma once
// The configuration in force, and how another one takes its place: as a whole (Reload), or what the
// files hold that it names (Refresh). Owned by Serve; Reload, Refresh, Remind and the watched paths
// belong to the reloader's thread, Outcome and InForce may be called from any thread.

#include <chrono>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "exporter/config/config.h"
#include "exporter/metrics/metrics_input.h"
#include "scrape/mutex.h"
#include "scrape/schedule/steady_time.h"

namespace exporter {

class LiveConfig {
 public:
  // Loads the configuration; throws ConfigError with every problem.
  LiveConfig(ConfigFile file, Surroundings around);

  // Makes a configuration take effect; false when that is not possible. Set before the first Reload
  // or Refresh.
  void OnChange(std::function<bool(const Config&)> apply) { apply_ = std::move(apply); }
  // Called when what InForce or Outcome say has become another. As above.
  void OnNews(std::function<void()> tell) { tell_ = std::move(tell); }

  // Reads and checks everything anew. On any problem all stays as it is, and the problems are
  // returned, and logged unless they are those of the time before.
  tl::expected<void, std::vector<std::string>> Reload();
  // Reads the files anew that the configuration in force names. What cannot be read stays as it is;
  // a change is logged.
  void Refresh(scrape::SteadyTime now);
  // Says again what cannot be read, every 15 minutes.
  void Remind(scrape::SteadyTime now);
  // The configuration file itself says something else than what is in force, or the last reload
  // failed.
  [[nodiscard]] bool FileDiffers() const;

  struct Paths {
    std::set<std::string> files;
    std::set<std::string> directories;
  };
  // What was read, and what a configuration that was refused would need: a change is worth a
  // Refresh. Without the configuration file itself.
  [[nodiscard]] Paths Watched() const;
  [[nodiscard]] const std::string& File() const { return file_.path; }

  [[nodiscard]] std::shared_ptr<const Config> InForce() const;
  [[nodiscard]] ConfigLoad Outcome() const;

 private:
  [[nodiscard]] Surroundings Recording(Paths& paths) const;
  void TakeOver(Config config);
  void SetOutcome(bool successful);
  void LogKept(const std::vector<std::string>& kept, scrape::SteadyTime now);

  const ConfigFile file_;
  const Surroundings around_;
  std::function<bool(const Config&)> apply_;
  std::function<void()> tell_;
  ConfigText text_;
  Paths paths_;
  Paths refused_paths_;
  std::vector<std::string> refused_problems_;
  std::vector<std::string> kept_;  // as logged last
  scrape::SteadyTime kept_logged_{};
  std::string not_taken_over_;  // the last failure of Refresh, logged once

  mutable scrape::Mutex mutex_;
  std::shared_ptr<const Config> in_force_ GUARDED_BY(mutex_);
  ConfigLoad outcome_ GUARDED_BY(mutex_);
};

}  // namespace exporter
