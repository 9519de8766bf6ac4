#pragma once
// What systemd is told of this process (Type=notify, WatchdogSec=): by datagrams to the socket that
// its environment names; without one nothing is sent. Owned by Serve; any thread.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "scrape/mutex.h"

namespace exporter {

class SystemdNotify {
 public:
  // It listens. `status` is what `systemctl status` shows, one line; it stays until the next.
  void Ready(std::string_view status);
  // A reload begins; each is followed by one Reloaded(). While several are under way, only the
  // last end is told.
  void Reloading();
  void Reloaded(std::string_view status);
  // Nothing is told after it.
  void Stopping();
  // The loops turn.
  void Alive();

  // How often Alive() is to be told: twice as often as systemd demands. Absent: not at all.
  [[nodiscard]] static std::optional<std::chrono::microseconds> WatchdogInterval();

 private:
  void Send(const std::string& state) const REQUIRES(mutex_);

  scrape::Mutex mutex_;
  int reloads_ GUARDED_BY(mutex_) = 0;
  bool stopping_ GUARDED_BY(mutex_) = false;
};

}  // namespace exporter
