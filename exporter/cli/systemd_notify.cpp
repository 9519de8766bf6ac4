#include "exporter/cli/systemd_notify.h"

#include <fmt/format.h>
#include <systemd/sd-daemon.h>

#include <algorithm>
#include <cstdint>

namespace exporter {
namespace {

// As systemd compares it with the time at which it asked for the reload.
std::int64_t MonotonicMicroseconds() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

void SystemdNotify::Ready(std::string_view status) {
  const scrape::MutexLock lock(mutex_);
  Send(fmt::format("READY=1\nSTATUS={}", status));
}

void SystemdNotify::Reloading() {
  const scrape::MutexLock lock(mutex_);
  ++reloads_;
  Send(fmt::format("RELOADING=1\nMONOTONIC_USEC={}", MonotonicMicroseconds()));
}

void SystemdNotify::Reloaded(std::string_view status) {
  const scrape::MutexLock lock(mutex_);
  if (--reloads_ == 0) Send(fmt::format("READY=1\nSTATUS={}", status));
}

void SystemdNotify::Stopping() {
  const scrape::MutexLock lock(mutex_);
  Send("STOPPING=1\nSTATUS=stopping");
  stopping_ = true;
}

void SystemdNotify::Alive() {
  const scrape::MutexLock lock(mutex_);
  Send("WATCHDOG=1");
}

// The environment is left as it is: this process starts no others, and other threads read it.
void SystemdNotify::Send(const std::string& state) const {
  if (!stopping_) sd_notify(0, state.c_str());
}

std::optional<std::chrono::microseconds> SystemdNotify::WatchdogInterval() {
  constexpr std::chrono::microseconds kShortest{1000};
  std::uint64_t microseconds = 0;
  if (sd_watchdog_enabled(0, &microseconds) <= 0) return std::nullopt;
  return std::max(std::chrono::microseconds(microseconds / 2), kShortest);
}

}  // namespace exporter
