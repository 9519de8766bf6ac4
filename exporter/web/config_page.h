#pragma once
// The page /config: the configuration in force, made by the worker (10,000 keys take most of a
// second) once for each configuration. Answer() is called on any thread.

#include <functional>
#include <memory>
#include <string>

#include "exporter/config/config.h"
#include "http/reply.h"
#include "http/worker.h"
#include "scrape/mutex.h"

namespace exporter {

// As a configuration file that would have the same effect: what `global` and the key directories
// say stands with each key. Apikeys are "<secret>"; of proxies and certificates the files are
// named.
[[nodiscard]] std::string EffectiveConfig(const Config& config);

class ConfigPage {
 public:
  // `in_force` may be asked on any thread. The worker must outlive this object and be stopped
  // before it goes.
  ConfigPage(std::function<std::shared_ptr<const Config>()> in_force, http::Worker& worker)
      : in_force_(std::move(in_force)), worker_(worker) {}

  [[nodiscard]] http::Reply Answer();

 private:
  using Text = std::shared_ptr<const std::string>;

  [[nodiscard]] Text Made(const std::shared_ptr<const Config>& config) const;  // null: not yet
  [[nodiscard]] Text Make(const std::shared_ptr<const Config>& config);

  const std::function<std::shared_ptr<const Config>()> in_force_;
  http::Worker& worker_;
  mutable scrape::Mutex mutex_;
  Text text_ GUARDED_BY(mutex_);
  std::weak_ptr<const Config> text_of_ GUARDED_BY(mutex_);
};

}  // namespace exporter
