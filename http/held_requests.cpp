#include "http/held_requests.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <system_error>

namespace http {
namespace {

FileDescriptor Checked(int fd) {
  if (fd < 0) throw std::system_error(errno, std::generic_category(), "eventfd or epoll");
  return FileDescriptor(fd);
}

}  // namespace

HeldRequests::HeldRequests()
    : wake_(Checked(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))),
      gone_(Checked(epoll_create1(EPOLL_CLOEXEC))) {}

void HeldRequests::Wake() {
  const std::uint64_t one = 1;
  // Fails only when the descriptor is readable already.
  [[maybe_unused]] const auto written = write(wake_.Get(), &one, sizeof one);
}

void HeldRequests::ClearWakeUps() {
  std::uint64_t count = 0;
  [[maybe_unused]] const auto read_bytes = read(wake_.Get(), &count, sizeof count);
}

bool HeldRequests::Hold(const HeldRequest& request) {
  {
    const MutexLock lock(mutex_);
    if (closed_) return false;
    by_socket_[request.fd] = requests_.emplace(request.due, request);
    epoll_event event = {};
    event.events = EPOLLRDHUP;  // errors and hang-ups are always told
    event.data.fd = request.fd;
    // Without it (no memory) the request is held until it is due.
    epoll_ctl(gone_.Get(), EPOLL_CTL_ADD, request.fd, &event);
  }
  Wake();
  return true;
}

HeldRequest HeldRequests::Take(ByDue::iterator request) {
  const HeldRequest taken = request->second;
  epoll_ctl(gone_.Get(), EPOLL_CTL_DEL, taken.fd, nullptr);
  by_socket_.erase(taken.fd);
  requests_.erase(request);
  return taken;
}

std::vector<HeldRequest> HeldRequests::TakeDue(TimePoint now) {
  const MutexLock lock(mutex_);
  std::vector<HeldRequest> due;
  while (!requests_.empty() && requests_.begin()->first <= now) {
    due.push_back(Take(requests_.begin()));
  }
  return due;
}

std::vector<HeldRequest> HeldRequests::TakeGone() {
  const MutexLock lock(mutex_);
  std::array<epoll_event, 64> events = {};
  const int count = epoll_wait(gone_.Get(), events.data(), static_cast<int>(events.size()), 0);
  std::vector<HeldRequest> gone;
  for (int i = 0; i < count; ++i) {
    const auto found = by_socket_.find(events.at(static_cast<std::size_t>(i)).data.fd);
    if (found != by_socket_.end()) gone.push_back(Take(found->second));
  }
  return gone;
}

std::vector<HeldRequest> HeldRequests::CloseAndTakeAll() {
  const MutexLock lock(mutex_);
  closed_ = true;
  std::vector<HeldRequest> all;
  while (!requests_.empty()) all.push_back(Take(requests_.begin()));
  return all;
}

std::optional<TimePoint> HeldRequests::NextDue() const {
  const MutexLock lock(mutex_);
  if (requests_.empty()) return std::nullopt;
  return requests_.begin()->first;
}

}  // namespace http
