#include "http/held_requests.h"

#include <sys/epoll.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace http {

HeldRequests::HeldRequests() : gone_(epoll_create1(EPOLL_CLOEXEC)) {
  if (!gone_.Valid()) throw std::system_error(errno, std::generic_category(), "epoll_create1");
}

std::optional<RequestId> HeldRequests::Hold(HeldRequest request, TimePoint due) {
  if (closed_) return std::nullopt;
  request.id = ++last_id_;
  by_id_[request.id] = requests_.emplace(due, request);
  epoll_event event = {};
  event.events = EPOLLRDHUP;  // errors and hang-ups are always told
  event.data.u64 = request.id;
  // Without it (no memory) the request is held until it is due.
  epoll_ctl(gone_.Get(), EPOLL_CTL_ADD, request.fd, &event);
  return request.id;
}

Exchange* HeldRequests::SetDue(RequestId id, TimePoint due) {
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return nullptr;
  const HeldRequest request = found->second->second;
  requests_.erase(found->second);
  found->second = requests_.emplace(due, request);
  return request.exchange;
}

HeldRequest HeldRequests::Take(ByDue::iterator request) {
  const HeldRequest taken = request->second;
  epoll_ctl(gone_.Get(), EPOLL_CTL_DEL, taken.fd, nullptr);
  by_id_.erase(taken.id);
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
    // A copy: the kernel's struct is packed.
    const RequestId id = events.at(static_cast<std::size_t>(i)).data.u64;
    const auto found = by_id_.find(id);
    if (found != by_id_.end()) gone.push_back(Take(found->second));
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
  if (requests_.empty() || requests_.begin()->first == TimePoint::max()) return std::nullopt;
  return requests_.begin()->first;
}

}  // namespace http
