#include "http/connection_table.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <utility>

namespace http {
namespace {

using std::chrono::seconds;

// At the limit a connection is spared so long. What has arrived of a request has been read before
// anybody is looked for who has to go; a healthy client takes a few milliseconds for it, a little
// more on a busy machine, and seconds at most for taking its answer.
constexpr auto kRequestMinimum = std::chrono::milliseconds(10);
constexpr auto kRequestGrace = seconds(1);
constexpr auto kAnswerGrace = seconds(1);
constexpr int kNever = 4;
constexpr int kClientHasEnded = 8;  // TCP_CLOSE_WAIT, whose header does not go with <linux/tcp.h>

// All 0 where the kernel does not say.
tcp_info Ask(int fd) {
  tcp_info info = {};
  socklen_t size = sizeof info;
  return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 ? info : tcp_info{};
}

}  // namespace

void ConnectionTable::Started(int fd, TimePoint now) { Enter(fd, State::kReceiving, now); }

void ConnectionTable::Receiving(int fd, TimePoint now) {
  // The first request's time runs since the connection was accepted.
  if (connections_[fd].state != State::kReceiving) Enter(fd, State::kReceiving, now);
}

void ConnectionTable::Answering(int fd, TimePoint now, const std::string* body) {
  Enter(fd, State::kAnswering, now);
  Connection& connection = connections_[fd];
  connection.received = Ask(fd).tcpi_bytes_received;
  if (body == nullptr) return;
  connection.body = body;
  Body& known = bodies_[body];
  if (known.users++ > 0) return;
  known.bytes = body->size();
  body_bytes_ += known.bytes;
}

void ConnectionTable::ReleaseBody(Connection& connection) {
  const auto body = bodies_.find(std::exchange(connection.body, nullptr));
  if (body == bodies_.end() || --body->second.users > 0) return;
  body_bytes_ -= body->second.bytes;
  bodies_.erase(body);
}

void ConnectionTable::Held(int fd, TimePoint now) { Enter(fd, State::kHeld, now); }

void ConnectionTable::Idle(int fd, TimePoint now) {
  Enter(fd, State::kIdle, now);
  if (Ask(fd).tcpi_state == kClientHasEnded) ended_.push_back(fd);
}

void ConnectionTable::Closed(int fd) {
  const auto found = connections_.find(fd);
  if (found == connections_.end()) return;
  if (found->second.closing) --closing_;
  ReleaseBody(found->second);
  connections_.erase(found);
}

void ConnectionTable::Enter(int fd, State state, TimePoint now) {
  Connection& connection = connections_[fd];
  ReleaseBody(connection);
  connection.state = state;
  connection.since = now;
}

bool ConnectionTable::MakeRoom(TimePoint now) {
  if (connections_.size() >= limits_.max_connections + kClosingHeadroom) return false;
  if (connections_.size() - closing_ < limits_.max_connections) return true;
  Connections::value_type* victim = nullptr;
  int victim_rank = kNever;
  for (auto& candidate : connections_) {
    const int rank = Rank(candidate.second, now);
    if (rank < victim_rank || (victim != nullptr && rank == victim_rank &&
                               candidate.second.since < victim->second.since)) {
      victim = &candidate;
      victim_rank = rank;
    }
  }
  if (victim == nullptr) return false;
  ShutDown(*victim);
  return true;
}

void ConnectionTable::CloseLate(TimePoint now) {
  for (auto& connection : connections_) {
    const Connection& known = connection.second;
    if (known.closing) continue;
    if (known.state == State::kIdle &&
        Ask(connection.first).tcpi_bytes_received != known.received) {
      Enter(connection.first, State::kReceiving, now);
    }
    // What has arrived was read long ago.
    const bool will_not_come = known.state == State::kReceiving &&
                               now - known.since >= kRequestGrace &&
                               Ask(connection.first).tcpi_state == kClientHasEnded;
    if (will_not_come || IsLate(known, now)) ShutDown(connection);
  }
  while (body_bytes_ > limits_.answer_bytes && CloseUntaken(now)) continue;
}

bool ConnectionTable::CloseUntaken(TimePoint now) {
  Connections::value_type* oldest = nullptr;
  for (auto& candidate : connections_) {
    const Connection& connection = candidate.second;
    if (connection.body == nullptr || now - connection.since < kAnswerGrace) continue;
    if (oldest == nullptr || connection.since < oldest->second.since) oldest = &candidate;
  }
  if (oldest == nullptr) return false;
  ShutDown(*oldest);
  return true;
}

void ConnectionTable::CloseEnded() {
  for (const int fd : std::exchange(ended_, {})) {
    const auto found = connections_.find(fd);
    if (found == connections_.end() || found->second.closing) continue;
    if (found->second.state == State::kIdle) ShutDown(*found);
  }
}

void ConnectionTable::ShutDown(Connections::value_type& connection) {
  shutdown(connection.first, SHUT_RDWR);
  connection.second.closing = true;
  ++closing_;
  ReleaseBody(connection.second);  // it goes as soon as libmicrohttpd has noticed
}

bool ConnectionTable::IsLate(const Connection& connection, TimePoint now) const {
  switch (connection.state) {
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
// a connection without one, an answer that is not taken, any incomplete request.
int ConnectionTable::Rank(const Connection& connection, TimePoint now) {
  const auto age = now - connection.since;
  if (connection.closing) return kNever;
  switch (connection.state) {
    case State::kReceiving:
      if (age < kRequestMinimum) return kNever;
      return age >= kRequestGrace ? 0 : 3;
    case State::kIdle:
      return 1;
    case State::kAnswering:
      return age >= kAnswerGrace ? 2 : kNever;
    case State::kHeld:
      return kNever;
  }
  return kNever;
}

bool ConnectionTable::IsAnswering() const {
  return std::any_of(connections_.begin(), connections_.end(),
                     [](const Connections::value_type& connection) {
                       return connection.second.state == State::kAnswering ||
                              connection.second.state == State::kHeld;
                     });
}

}  // namespace http
