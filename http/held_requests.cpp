#include "http/held_requests.h"

#include <sys/epoll.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace http {
HeldRequests::HeldRequests() : gone_(epoll_create1(EPOLL_CLOEXEC)) {
  if (!gone_.Valid()) throw std::system_error(errno, std::generic_category(), "epoll_create1");
}

bool HeldRequests::Hold(const HeldRequest& request) {
  if (closed_) return false;
  by_socket_[request.fd] = requests_.emplace(request.due, request);
  epoll_event event = {};
  event.events = EPOLLRDHUP;  // errors and hang-ups are always told
  event.data.fd = request.fd;
  // Without it (no memory) the request is held until it is due.
  epoll_ctl(gone_.Get(), EPOLL_CTL_ADD, request.fd, &event);
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
  std::vector<HeldRequest> due;
  while (!requests_.empty() && requests_.begin()->first <= now) {
    due.push_back(Take(requests_.begin()));
  }
  return due;
}

std::vector<HeldRequest> HeldRequests::TakeGone() {
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
  closed_ = true;
  std::vector<HeldRequest> all;
  while (!requests_.empty()) all.push_back(Take(requests_.begin()));
  return all;
}

std::optional<TimePoint> HeldRequests::NextDue() const {
  if (requests_.empty()) return std::nullopt;
  return requests_.begin()->first;
}

}  // namespace http
