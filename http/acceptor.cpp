#include "http/acceptor.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <system_error>
#include <utility>

namespace http {
namespace {

using std::chrono::milliseconds;

// Until the event thread has closed what was shut down, or others have freed descriptors.
constexpr auto kNoRoomPause = milliseconds(1);
constexpr auto kNoDescriptorsPause = milliseconds(100);
constexpr auto kProblemInterval = std::chrono::minutes(1);

TimePoint Now() { return std::chrono::steady_clock::now(); }

}  // namespace

Acceptor::Acceptor(std::vector<FileDescriptor> listeners, milliseconds check_interval,
                   std::function<void(std::string_view)> on_problem, ConnectionTable& table,
                   HeldRequests& held, EventLoop& loop)
    : listeners_(std::move(listeners)),
      check_interval_(check_interval),
      on_problem_(std::move(on_problem)),
      table_(table),
      held_(held),
      loop_(loop) {}

Acceptor::~Acceptor() { Stop(); }

void Acceptor::Start() {
  thread_ = std::thread([this] { Run(); });
}

void Acceptor::Stop() {
  stopping_ = true;
  held_.Wake();
  if (thread_.joinable()) thread_.join();
  listeners_.clear();
}

void Acceptor::Run() {
  while (!stopping_) {
    const TimePoint now = Now();
    table_.CloseLate(now);
    for (const HeldRequest& due : held_.TakeDue(now)) {
      loop_.Resume(due, EventLoop::Outcome::kDue);
    }
    std::vector<pollfd> watched = WhatToWatch(now);
    if (poll(watched.data(), watched.size(), PollTimeout(now)) > 0) Handle(watched);
  }
}

std::vector<pollfd> Acceptor::WhatToWatch(TimePoint now) const {
  std::vector<pollfd> watched = {{held_.WakeDescriptor(), POLLIN, 0},
                                 {held_.GoneDescriptor(), POLLIN, 0}};
  if (now >= paused_until_) {
    for (const FileDescriptor& listener : listeners_) {
      watched.push_back({listener.Get(), POLLIN, 0});
    }
  }
  return watched;
}

int Acceptor::PollTimeout(TimePoint now) const {
  TimePoint until = now + check_interval_;
  if (const std::optional<TimePoint> due = held_.NextDue()) until = std::min(until, *due);
  if (now < paused_until_) until = std::min(until, paused_until_);
  const auto timeout = std::chrono::ceil<milliseconds>(until - now).count();
  return static_cast<int>(std::max<milliseconds::rep>(timeout, 0));
}

void Acceptor::Handle(const std::vector<pollfd>& watched) {
  for (const pollfd& entry : watched) {
    if (entry.revents == 0) continue;
    if (entry.fd == held_.WakeDescriptor()) {
      held_.ClearWakeUps();
    } else if (entry.fd == held_.GoneDescriptor()) {
      for (const HeldRequest& gone : held_.TakeGone()) {
        loop_.Resume(gone, EventLoop::Outcome::kClientGone);
      }
    } else {
      AcceptOne(entry.fd);
    }
  }
}

// One a turn: at the limit a place is made only when somebody is there to take it.
void Acceptor::AcceptOne(int listener) {
  const TimePoint now = Now();
  if (!table_.MakeRoom(now)) {
    paused_until_ = now + kNoRoomPause;
    return;
  }
  sockaddr_storage storage = {};
  socklen_t size = sizeof storage;
  auto* const address = reinterpret_cast<sockaddr*>(&storage);
  const int fd = accept4(listener, address, &size, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd >= 0) {
    table_.Accepted(fd, now);
    if (!loop_.Add(fd, address, size)) table_.Refused(fd);
    return;
  }
  const int error = errno;
  const bool no_resources =
      error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
  if (!no_resources) return;  // the client has gone again
  paused_until_ = now + kNoDescriptorsPause;
  if (now < next_problem_line_) return;
  next_problem_line_ = now + kProblemInterval;
  on_problem_(
      fmt::format("cannot accept HTTP connections: {}", std::generic_category().message(error)));
}

}  // namespace http
