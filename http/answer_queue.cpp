#include "http/answer_queue.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace http {

AnswerQueue::AnswerQueue() : event_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!event_.Valid()) throw std::system_error(errno, std::generic_category(), "eventfd");
}

void AnswerQueue::Push(RequestId request, Response response) {
  const std::lock_guard lock(mutex_);
  if (closed_) return;
  entries_.push_back({request, std::move(response)});
  WakeLocked();
}

void AnswerQueue::Wake() {
  const std::lock_guard lock(mutex_);
  WakeLocked();
}

void AnswerQueue::WakeLocked() {
  if (std::exchange(readable_, true)) return;
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(event_.Get(), &one, sizeof one);
}

std::vector<AnswerQueue::Entry> AnswerQueue::TakeAll() {
  const std::lock_guard lock(mutex_);
  if (std::exchange(readable_, false)) {
    std::uint64_t count = 0;
    [[maybe_unused]] const ssize_t drained = read(event_.Get(), &count, sizeof count);
  }
  return std::exchange(entries_, {});
}

void AnswerQueue::Close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  entries_.clear();
}

}  // namespace http
