#include "http/event_loop.h"

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

// Until somebody may be sent away, or others have freed descriptors.
constexpr auto kNoRoomPause = milliseconds(1);
constexpr auto kNoDescriptorsPause = milliseconds(100);
constexpr auto kProblemInterval = std::chrono::minutes(1);
// libmicrohttpd 0.9.75 wants to be run without end while a TLS handshake waits for its client. Once
// so many turns brought no event and no byte, events are waited for a little. More turns than what
// GnuTLS has in store (one record, taken in pieces) needs.
constexpr int kRestlessTurns = 32;
constexpr auto kRestlessWait = milliseconds(10);
// What is being answered when the server stops may take so long to be finished; then it is cut off.
constexpr auto kStopGrace = milliseconds(500);
constexpr auto kStopCheckInterval = milliseconds(10);

TimePoint Now() { return std::chrono::steady_clock::now(); }

}  // namespace

EventLoop::EventLoop(std::vector<FileDescriptor> listeners, milliseconds check_interval,
                     std::function<void(std::string_view)> on_problem, ConnectionTable& table,
                     HeldRequests& held, AnswerQueue& answers, Daemon& daemon)
    : listeners_(std::move(listeners)),
      check_interval_(check_interval),
      on_problem_(std::move(on_problem)),
      table_(table),
      held_(held),
      answers_(answers),
      daemon_(daemon) {}

EventLoop::~EventLoop() { Stop(); }

void EventLoop::Start() {
  thread_ = std::thread([this] { Run(); });
}

void EventLoop::Stop() {
  if (!thread_.joinable()) return;
  stopping_ = true;
  answers_.Wake();
  thread_.join();
}

void EventLoop::Run() {
  while (!stopping_) Turn();
  RunToEnd();
}

// Requests that have arrived are read before anybody new is let in, and before anybody has to go.
void EventLoop::Turn() {
  const TimePoint now = Now();
  table_.CloseEnded();
  if (now >= next_check_) {
    table_.CloseLate(now);
    next_check_ = now + check_interval_;
  }
  LetGoWhatIsDue(now);
  std::vector<pollfd> watched = WhatToWatch(now);
  const int events = poll(watched.data(), watched.size(), quiet_turns_ > 0 ? PollTimeout(now) : 0);
  if (events < 0) return;
  for (const HeldRequest& gone : held_.TakeGone()) {
    daemon_.Resume(gone, Daemon::Outcome::kClientGone);
  }
  daemon_.Run();
  const bool has_moved = std::exchange(tls_bytes_, daemon_.TlsBytes()) != daemon_.TlsBytes();
  quiet_turns_ = events > 0 || has_moved ? 0 : quiet_turns_ + 1;
  for (const pollfd& entry : watched) {
    const bool is_listener =
        std::any_of(listeners_.begin(), listeners_.end(),
                    [&](const FileDescriptor& listener) { return listener.Get() == entry.fd; });
    if (is_listener && entry.revents != 0) AcceptOne(entry.fd);
  }
}

void EventLoop::LetGoWhatIsDue(TimePoint now) {
  for (AnswerQueue::Entry& answer : answers_.TakeAll()) daemon_.Deliver(std::move(answer), now);
  for (const HeldRequest& due : held_.TakeDue(now)) {
    daemon_.Resume(due, Daemon::Outcome::kDue);
    quiet_turns_ = 0;
  }
}

void EventLoop::RunToEnd() {
  listeners_.clear();
  LetGoWhatIsDue(Now());
  answers_.Close();
  for (const HeldRequest& request : held_.CloseAndTakeAll()) {
    daemon_.Resume(request, Daemon::Outcome::kStopping);
  }
  const TimePoint deadline = Now() + kStopGrace;
  daemon_.Run();
  while (table_.IsAnswering() && Now() < deadline) {
    pollfd watched = {daemon_.Descriptor(), POLLIN, 0};
    const auto wait = std::min(daemon_.Timeout().value_or(kStopCheckInterval), kStopCheckInterval);
    static_cast<void>(poll(&watched, 1, static_cast<int>(wait.count())));
    daemon_.Run();
  }
  daemon_.Stop();
}

std::vector<pollfd> EventLoop::WhatToWatch(TimePoint now) const {
  std::vector<pollfd> watched = {{answers_.Descriptor(), POLLIN, 0},
                                 {held_.GoneDescriptor(), POLLIN, 0},
                                 {daemon_.Descriptor(), POLLIN, 0}};
  if (now >= paused_until_) {
    for (const FileDescriptor& listener : listeners_) {
      watched.push_back({listener.Get(), POLLIN, 0});
    }
  }
  return watched;
}

int EventLoop::PollTimeout(TimePoint now) const {
  milliseconds wait = daemon_.Timeout().value_or(check_interval_);
  if (daemon_.UsesTls() && quiet_turns_ > kRestlessTurns) wait = std::max(wait, kRestlessWait);
  TimePoint until = now + wait;
  until = std::min(until, next_check_);
  if (const std::optional<TimePoint> due = held_.NextDue()) until = std::min(until, *due);
  if (now < paused_until_) until = std::min(until, paused_until_);
  const auto timeout = std::chrono::ceil<milliseconds>(until - now).count();
  return static_cast<int>(std::max<milliseconds::rep>(timeout, 0));
}

// One a turn: at the limit a place is made only when somebody is there to take it.
void EventLoop::AcceptOne(int listener) {
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
    daemon_.Add(fd, address, size);
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
