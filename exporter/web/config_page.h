#pragma once
// The page /config: the configuration in force. Pure but for the worker; Answer() is called on the
// HTTP thread.

#include <functional>
#include <memory>
#include <string>

#include "exporter/config/config.h"
#include "http/reply.h"
#include "http/worker.h"

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

  [[nodiscard]] http::Reply Answer() const;

 private:
  const std::function<std::shared_ptr<const Config>()> in_force_;
  http::Worker& worker_;
};

}  // namespace exporter
