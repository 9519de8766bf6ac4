#include "http/connection_table.h"

#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>

namespace http {
namespace {

using std::chrono::seconds;

// At the limit a connection is spared so long: a healthy client needs a few milliseconds for its
// request, and seconds at most for taking the answer.
constexpr auto kRequestGrace = seconds(1);
constexpr auto kAnswerGrace = seconds(5);
constexpr int kFreshRequest = 3;
constexpr int kNever = 4;

// Bytes that wait for the event thread: the request may be complete, and only we are behind.
bool HasUnreadBytes(int fd) {
  int bytes = 0;
  return ioctl(fd, FIONREAD, &bytes) == 0 && bytes > 0;
}

}  // namespace

void ConnectionTable::Accepted(int fd, TimePoint now) { Enter(fd, State::kHandedOver, now); }

void ConnectionTable::Refused(int fd) { Closed(fd); }

void ConnectionTable::Started(int fd, TimePoint now) {
  const MutexLock lock(mutex_);
  Connection& connection = connections_.try_emplace(fd, Connection{{}, now}).first->second;
  connection.state = State::kReceiving;
}

void ConnectionTable::Receiving(int fd, TimePoint now) {
  const MutexLock lock(mutex_);
  const auto found = connections_.find(fd);
  // The first request's time runs since the connection was accepted.
  if (found == connections_.end() || found->second.state == State::kReceiving) return;
  found->second.state = State::kReceiving;
  found->second.since = now;
}

void ConnectionTable::Answering(int fd, TimePoint now) { Enter(fd, State::kAnswering, now); }
void ConnectionTable::Held(int fd, TimePoint now) { Enter(fd, State::kHeld, now); }

void ConnectionTable::Idle(int fd, TimePoint now) {
  Enter(fd, State::kIdle, now);
  answered_.notify_all();
}

void ConnectionTable::Closed(int fd) {
  {
    const MutexLock lock(mutex_);
    const auto found = connections_.find(fd);
    if (found == connections_.end()) return;
    if (found->second.closing) --closing_;
    connections_.erase(found);
  }
  answered_.notify_all();
}

void ConnectionTable::Enter(int fd, State state, TimePoint now) {
  const MutexLock lock(mutex_);
  Connection& connection = connections_[fd];
  // A handed-over socket is a new one even if its number is still known: the old one was closed
  // without a word (libmicrohttpd had no memory for it).
  if (state == State::kHandedOver && connection.closing) {
    connection.closing = false;
    --closing_;
  }
  connection.state = state;
  connection.since = now;
}

bool ConnectionTable::MakeRoom(TimePoint now) {
  const MutexLock lock(mutex_);
  if (connections_.size() >= limits_.max_connections + kClosingHeadroom) return false;
  if (connections_.size() - closing_ < limits_.max_connections) return true;
  Connections::value_type* victim = nullptr;
  int victim_rank = kNever;
  for (auto& candidate : connections_) {
    const int rank = Rank(candidate.second, now);
    const bool goes_before = rank < victim_rank || (victim != nullptr && rank == victim_rank &&
                                                    candidate.second.since < victim->second.since);
    if (!goes_before || (rank == kFreshRequest && HasUnreadBytes(candidate.first))) continue;
    victim = &candidate;
    victim_rank = rank;
  }
  if (victim == nullptr) return false;
  ShutDown(*victim);
  return true;
}

void ConnectionTable::CloseLate(TimePoint now) {
  const MutexLock lock(mutex_);
  for (auto entry = connections_.begin(); entry != connections_.end();) {
    Connection& connection = entry->second;
    const bool late = !connection.closing && IsLate(connection, now);
    if (late && connection.state == State::kHandedOver) {
      // Never taken over: the number may already be another file's, so it is only forgotten.
      entry = connections_.erase(entry);
      continue;
    }
    if (late) ShutDown(*entry);
    ++entry;
  }
}

void ConnectionTable::ShutDown(Connections::value_type& connection) {
  shutdown(connection.first, SHUT_RDWR);
  connection.second.closing = true;
  ++closing_;
}

bool ConnectionTable::IsLate(const Connection& connection, TimePoint now) const {
  switch (connection.state) {
    case State::kHandedOver:
    case State::kReceiving:
      return now - connection.since >= limits_.request_timeout;
    case State::kAnswering:
      return now - connection.since >= limits_.answer_timeout;
    case State::kIdle:
      return now - connection.since >= limits_.idle_timeout;
    case State::kHeld:
      return false;
  }
  return false;
}

// Who goes first at the limit (the oldest of the lowest rank): a request that does not come along,
// a connection without one, an answer that is not taken, any incomplete request of which everything
// that was sent has been read.
int ConnectionTable::Rank(const Connection& connection, TimePoint now) {
  const auto age = now - connection.since;
  if (connection.closing) return kNever;
  switch (connection.state) {
    case State::kReceiving:
      return age >= kRequestGrace ? 0 : kFreshRequest;
    case State::kIdle:
      return 1;
    case State::kAnswering:
      return age >= kAnswerGrace ? 2 : kNever;
    case State::kHandedOver:
    case State::kHeld:
      return kNever;
  }
  return kNever;
}

bool ConnectionTable::WaitUntilAnswered(TimePoint deadline) {
  const MutexLock lock(mutex_);
  for (;;) {
    const bool answered = std::none_of(connections_.begin(), connections_.end(),
                                       [](const Connections::value_type& connection) {
                                         return connection.second.state == State::kAnswering ||
                                                connection.second.state == State::kHeld;
                                       });
    if (answered) return true;
    if (answered_.wait_until(mutex_, deadline) == std::cv_status::timeout) return false;
  }
}

std::size_t ConnectionTable::size() const {
  const MutexLock lock(mutex_);
  return connections_.size();
}

}  // namespace http
