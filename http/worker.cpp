#include "http/worker.h"

#include <fmt/format.h>

#include <exception>
#include <utility>

namespace http {

Worker::Worker(std::size_t queue_limit, std::function<void(std::string_view)> on_problem)
    : queue_limit_(queue_limit), on_problem_(std::move(on_problem)), thread_([this] { Run(); }) {}

Worker::~Worker() { Stop(); }

bool Worker::Post(std::function<void()> work) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || queue_.size() >= queue_limit_) return false;
    queue_.push_back(std::move(work));
  }
  changed_.notify_one();
  return true;
}

bool Worker::PostAhead(std::function<void()> work) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return false;
    ahead_.push_back(std::move(work));
  }
  changed_.notify_one();
  return true;
}

void Worker::Stop() {
  std::deque<std::function<void()>> dropped;  // destroyed without the lock
  std::deque<std::function<void()>> dropped_ahead;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    dropped.swap(queue_);
    dropped_ahead.swap(ahead_);
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Worker::Run() {
  while (true) {
    std::function<void()> work;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return stopping_ || !ahead_.empty() || !queue_.empty(); });
      if (stopping_) return;
      std::deque<std::function<void()>>& next = ahead_.empty() ? queue_ : ahead_;
      work = std::move(next.front());
      next.pop_front();
    }
    try {
      work();
    } catch (const std::exception& error) {
      if (on_problem_)
        on_problem_(fmt::format("work for an HTTP request failed: {}", error.what()));
    } catch (...) {
      if (on_problem_) on_problem_("work for an HTTP request failed: not a std::exception");
    }
  }
}

}  // namespace http
