#pragma once
// The thread that reads the configuration again: when asked to, and when a file has changed. It may
// block on a file as long as that takes (a file system that hangs, a named pipe), nobody else does.
// Owned by Serve: Start and Stop belong to one controlling thread, Request to any.

#include <chrono>
#include <functional>
#include <future>
#include <optional>
#include <string>
#include <thread>
#include <tl/expected.hpp>
#include <vector>

#include "exporter/config/file_watcher.h"
#include "exporter/config/live_config.h"
#include "scrape/mutex.h"

namespace exporter {

using ReloadResult = tl::expected<void, std::vector<std::string>>;

class Reloader {
 public:
  // `auto_reload`: a change of the configuration file itself is taken over, too. `look_again`: how
  // often files are read even though nothing was seen, because not every change can be (on a file
  // system that others write to, in a directory whose parent is replaced, through another link).
  // `config` must outlive this object.
  Reloader(LiveConfig& config, bool auto_reload,
           std::chrono::milliseconds look_again = std::chrono::minutes(1));
  ~Reloader();  // the thread must have ended
  Reloader(const Reloader&) = delete;
  Reloader& operator=(const Reloader&) = delete;
  Reloader(Reloader&&) = delete;
  Reloader& operator=(Reloader&&) = delete;

  void Start();
  // Asks for one reload; `done` is called on the reloader's thread, or is dropped when it stops
  // or has stopped.
  // One reload answers all requests that came before it began. Where many wait already it is called
  // here: their reload will see what this one was to see.
  void Request(std::function<void(const ReloadResult&)> done);
  // False when the thread is still at work after `grace`. May be called again.
  [[nodiscard]] bool Stop(std::chrono::milliseconds grace);

 private:
  using Requests = std::vector<std::function<void(const ReloadResult&)>>;

  void Run();
  [[nodiscard]] Requests TakeRequestsAndStop();
  void Wait();
  void Wake() const;
  [[nodiscard]] Requests TakeRequests();
  void HasChanged(scrape::SteadyTime now);
  [[nodiscard]] bool ChangesHaveSettled(scrape::SteadyTime now) const;
  void Follow();
  void WatchAgain();
  [[nodiscard]] scrape::SteadyTime LookAt() const;
  [[nodiscard]] std::chrono::milliseconds MostWait(scrape::SteadyTime now) const;

  LiveConfig& config_;
  const bool auto_reload_;
  const std::chrono::milliseconds look_again_;
  FileWatcher watcher_;
  int wake_ = -1;  // an eventfd
  // A change that is being waited out: when it was seen first and last.
  std::optional<scrape::SteadyTime> changed_first_;
  scrape::SteadyTime changed_last_{};
  scrape::SteadyTime looked_at_{};
  std::string told_problem_;

  scrape::Mutex mutex_;
  Requests requests_ GUARDED_BY(mutex_);
  bool stop_ GUARDED_BY(mutex_) = false;
  std::promise<void> ended_;
  std::future<void> end_ = ended_.get_future();
  std::thread thread_;
};

}  // namespace exporter
