#pragma once
// One thread for what would hold up an event thread: big bodies, password hashes. Owned by whoever
// wires the program; Post is called from any thread, Stop and the destructor by the owner. What is
// posted must not outlive what it refers to: stop the worker first.

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string_view>
#include <thread>

namespace http {

class Worker {
 public:
  // `on_problem` is told, on the thread, of exceptions in the work, which do not end the thread.
  explicit Worker(std::size_t queue_limit = 32,
                  std::function<void(std::string_view)> on_problem = {});
  ~Worker();  // as Stop()
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  Worker(Worker&&) = delete;
  Worker& operator=(Worker&&) = delete;

  // False, and the work is not taken: so much is waiting already, or the worker was stopped.
  [[nodiscard]] bool Post(std::function<void()> work);
  // The same, but before what was posted, and however much is waiting: for who has a few of these
  // at most. False only once the worker was stopped.
  [[nodiscard]] bool PostAhead(std::function<void()> work);
  // Waits for the work that runs; what waits is dropped, and with it its responders. Idempotent.
  void Stop();

 private:
  void Run();

  const std::size_t queue_limit_;
  const std::function<void(std::string_view)> on_problem_;
  std::mutex mutex_;  // guards the queues and stopping_
  std::condition_variable changed_;
  std::deque<std::function<void()>> ahead_;
  std::deque<std::function<void()>> queue_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace http
