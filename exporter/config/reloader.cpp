#include "exporter/config/reloader.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <system_error>
#include <utility>

#include "scrape/event_log.h"

namespace exporter {
namespace {

using namespace std::chrono_literals;
using scrape::LogEvent;
using scrape::LogLevel;
using scrape::SteadyTime;

// Several files are replaced one after the other: they are read when nothing has happened for so
// long, or a second after the first change.
constexpr auto kQuiet = 100ms;
constexpr auto kSettledAnyway = 1s;
// Where changes are known to go unseen.
constexpr auto kLookSooner = 30s;
// While a file does not answer, those who ask for reloads must not take up all connections.
constexpr std::size_t kMostRequests = 64;

}  // namespace

Reloader::Reloader(LiveConfig& config, bool auto_reload, std::chrono::milliseconds look_again)
    : config_(config),
      auto_reload_(auto_reload),
      look_again_(look_again),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (wake_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

Reloader::~Reloader() { close(wake_); }

void Reloader::Start() {
  thread_ = std::thread([this] {
    try {
      Run();
    } catch (const std::exception& error) {
      LogEvent(LogLevel::kError, "the configuration is not followed any more",
               {{"detail", error.what()}});
      static_cast<void>(TakeRequestsAndStop());
    }
    ended_.set_value();
  });
}

void Reloader::Request(std::function<void(const ReloadResult&)> done) {
  {
    const scrape::MutexLock lock(mutex_);
    if (stop_) return;
    if (requests_.size() < kMostRequests) requests_.push_back(std::exchange(done, nullptr));
  }
  if (done) done(tl::unexpected(std::vector<std::string>{"too many reloads are waiting already"}));
  Wake();
}

bool Reloader::Stop(std::chrono::milliseconds grace) {
  if (!thread_.joinable()) return true;
  static_cast<void>(TakeRequestsAndStop());
  Wake();
  if (end_.wait_for(grace) != std::future_status::ready) return false;
  thread_.join();
  return true;
}

void Reloader::Wake() const {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(wake_, &one, sizeof one);
}

Reloader::Requests Reloader::TakeRequests() {
  const scrape::MutexLock lock(mutex_);
  return std::exchange(requests_, {});
}

Reloader::Requests Reloader::TakeRequestsAndStop() {
  const scrape::MutexLock lock(mutex_);
  stop_ = true;
  return std::exchange(requests_, {});
}

void Reloader::Run() {
  WatchAgain();
  Follow();  // what has changed since the start
  for (;;) {
    Wait();
    {
      const scrape::MutexLock lock(mutex_);
      if (stop_) return;
    }
    const SteadyTime now = std::chrono::steady_clock::now();
    if (const Requests requests = TakeRequests(); !requests.empty()) {
      const ReloadResult result = config_.Reload();
      for (const auto& done : requests) done(result);
      WatchAgain();
    }
    if (watcher_.TakeChanges()) HasChanged(now);
    if (ChangesHaveSettled(now) || now >= LookAt()) Follow();
    config_.Remind(now);
  }
}

void Reloader::Wait() {
  std::uint64_t count = 0;
  [[maybe_unused]] const ssize_t size = read(wake_, &count, sizeof count);
  {
    const scrape::MutexLock lock(mutex_);
    if (stop_ || !requests_.empty()) return;
  }
  std::array<pollfd, 2> watched = {pollfd{wake_, POLLIN, 0},
                                   pollfd{watcher_.Descriptor(), POLLIN, 0}};
  const auto timeout = MostWait(std::chrono::steady_clock::now());
  poll(watched.data(), watched.size(), static_cast<int>(timeout.count()));
}

SteadyTime Reloader::LookAt() const {
  const bool sooner = !watcher_.Problem().empty() && kLookSooner < look_again_;
  return looked_at_ + (sooner ? kLookSooner : look_again_);
}

std::chrono::milliseconds Reloader::MostWait(SteadyTime now) const {
  SteadyTime until = LookAt();
  if (changed_first_) {
    until = std::min({until, changed_last_ + kQuiet, *changed_first_ + kSettledAnyway});
  }
  return std::max(std::chrono::ceil<std::chrono::milliseconds>(until - now), 0ms);
}

void Reloader::HasChanged(SteadyTime now) {
  if (!changed_first_) changed_first_ = now;
  changed_last_ = now;
}

bool Reloader::ChangesHaveSettled(SteadyTime now) const {
  return changed_first_ &&
         (now - changed_last_ >= kQuiet || now - *changed_first_ >= kSettledAnyway);
}

void Reloader::Follow() {
  changed_first_.reset();
  looked_at_ = std::chrono::steady_clock::now();
  const bool reloaded =
      auto_reload_ && config_.FileDiffers() && config_.Reload(LiveConfig::Cause::kSeen);
  if (!reloaded) config_.Refresh(looked_at_);
  WatchAgain();
}

void Reloader::WatchAgain() {
  LiveConfig::Paths paths = config_.Watched();
  if (auto_reload_) paths.files.insert(config_.File());
  if (watcher_.Watch(paths.files, paths.directories)) HasChanged(std::chrono::steady_clock::now());
  const std::string& problem = watcher_.Problem();
  if (problem == std::exchange(told_problem_, problem) || problem.empty()) return;
  LogEvent(LogLevel::kWarn, "changes of files are noticed late, within 30 s",
           {{"problem", problem}});
}

}  // namespace exporter
