#pragma once
// A child process of a test: started with posix_spawn, its output collected, ended by its own id.

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <sys/types.h>

namespace test {

class Process {
 public:
  // The environment is exactly `environment` plus PATH, TMPDIR and sanitizer options of this
  // process.
  Process(const std::vector<std::string>& arguments,
          const std::map<std::string, std::string>& environment = {});
  ~Process();  // SIGKILL if it still runs
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  Process(Process&&) = delete;
  Process& operator=(Process&&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  // Standard output and error so far, each in the order written.
  [[nodiscard]] std::string Out() const;
  [[nodiscard]] std::string Err() const;
  void Signal(int signal) const;
  // The exit code, or 128 + signal; absent when it still runs after `timeout`.
  [[nodiscard]] std::optional<int> Wait(
      std::chrono::milliseconds timeout = std::chrono::seconds(20));
  // What follows `marker` in the error output up to the next white space, waiting for it; empty
  // when it does not come.
  [[nodiscard]] std::string ErrAfter(const std::string& marker,
                                     std::chrono::milliseconds timeout = std::chrono::seconds(20));

 private:
  struct Pipe {
    int read_end = -1;
    std::string text;
    std::thread reader;
  };
  void Collect(Pipe& pipe);

  pid_t pid_ = -1;
  std::optional<int> exit_code_;
  mutable std::mutex mutex_;  // guards the texts
  Pipe out_;
  Pipe err_;
};

// Calls `condition` until it is true or the deadline has passed; the last result.
template <typename Condition>
[[nodiscard]] bool Eventually(Condition condition,
                              std::chrono::milliseconds timeout = std::chrono::seconds(20)) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));  // polls until the deadline
  }
  return true;
}

}  // namespace test
