#include "http/connection_table.h"

#include <doctest/doctest.h>
#include <sys/socket.h>

#include <array>
#include <chrono>

#include "http/file_descriptor.h"

using http::ConnectionLimits;
using http::ConnectionTable;
using http::FileDescriptor;
using http::TimePoint;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

// A connected socket whose shutting down can be seen at the other end.
class Peer {
 public:
  Peer() {
    std::array<int, 2> pair = {-1, -1};
    REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair.data()) == 0);
    near_ = FileDescriptor(pair[0]);
    far_ = FileDescriptor(pair[1]);
  }
  [[nodiscard]] int Fd() const { return near_.Get(); }
  [[nodiscard]] bool ShutDown() const {
    char byte = 0;
    return recv(far_.Get(), &byte, 1, 0) == 0;
  }

 private:
  FileDescriptor near_;
  FileDescriptor far_;
};

constexpr TimePoint kStart{std::chrono::hours(1)};

ConnectionLimits Limits(std::size_t max_connections) {
  return {max_connections, seconds(10), seconds(60), seconds(75)};
}

void Connect(ConnectionTable& table, const Peer& peer, TimePoint when) {
  table.Started(peer.Fd(), when);
}

}  // namespace

TEST_CASE("every state has its own deadline, a held request has none") {
  ConnectionTable table(Limits(10));
  const Peer receiving;
  const Peer answering;
  const Peer idle;
  const Peer held;
  for (const Peer* peer : {&receiving, &answering, &idle, &held}) Connect(table, *peer, kStart);
  table.Answering(answering.Fd(), kStart);
  table.Idle(idle.Fd(), kStart);
  table.Held(held.Fd(), kStart);
  table.CloseLate(kStart + seconds(10) - milliseconds(1));
  CHECK_FALSE(receiving.ShutDown());
  table.CloseLate(kStart + seconds(10));
  CHECK(receiving.ShutDown());
  table.CloseLate(kStart + seconds(60) - milliseconds(1));
  CHECK_FALSE(answering.ShutDown());
  table.CloseLate(kStart + seconds(60));
  CHECK(answering.ShutDown());
  CHECK_FALSE(idle.ShutDown());
  table.CloseLate(kStart + seconds(75));
  CHECK(idle.ShutDown());
  table.CloseLate(kStart + std::chrono::hours(24));
  CHECK_FALSE(held.ShutDown());
}

TEST_CASE("the first request's time runs from the connection, later ones from their first line") {
  ConnectionTable table(Limits(10));
  const Peer peer;
  Connect(table, peer, kStart);
  table.Receiving(peer.Fd(), kStart + seconds(9));
  table.CloseLate(kStart + seconds(9));
  table.Answering(peer.Fd(), kStart + seconds(9));
  table.Idle(peer.Fd(), kStart + seconds(9));
  table.Receiving(peer.Fd(), kStart + seconds(50));
  table.CloseLate(kStart + seconds(59));
  CHECK_FALSE(peer.ShutDown());
  table.CloseLate(kStart + seconds(60));
  CHECK(peer.ShutDown());
}

TEST_CASE("below the limit nobody has to go") {
  ConnectionTable table(Limits(2));
  const Peer peer;
  Connect(table, peer, kStart);
  CHECK(table.MakeRoom(kStart + seconds(9)));
  CHECK_FALSE(peer.ShutDown());
}

TEST_CASE("at the limit the oldest incomplete request goes first") {
  ConnectionTable table(Limits(3));
  const Peer idle;
  const Peer old_incomplete;
  const Peer incomplete;
  Connect(table, idle, kStart);
  table.Idle(idle.Fd(), kStart);
  Connect(table, incomplete, kStart + seconds(2));
  Connect(table, old_incomplete, kStart + seconds(1));
  CHECK(table.MakeRoom(kStart + seconds(4)));
  CHECK(old_incomplete.ShutDown());
  CHECK_FALSE(incomplete.ShutDown());
  CHECK_FALSE(idle.ShutDown());
}

TEST_CASE("at the limit a fresh request is spared for an idle connection and an untaken answer") {
  ConnectionTable table(Limits(3));
  const Peer idle;
  const Peer untaken;
  const Peer fresh;
  for (const Peer* peer : {&idle, &untaken, &fresh}) Connect(table, *peer, kStart + seconds(9));
  table.Idle(idle.Fd(), kStart + seconds(9));
  table.Answering(untaken.Fd(), kStart);
  CHECK(table.MakeRoom(kStart + seconds(9)));
  CHECK(idle.ShutDown());
  table.Closed(idle.Fd());
  const Peer next;
  Connect(table, next, kStart + seconds(9));
  CHECK(table.MakeRoom(kStart + seconds(9)));
  CHECK(untaken.ShutDown());
  CHECK_FALSE(fresh.ShutDown());
  table.Closed(untaken.Fd());
  const Peer another;
  Connect(table, another, kStart + seconds(9));
  CHECK_FALSE(table.MakeRoom(kStart + seconds(9)));
  CHECK(table.MakeRoom(kStart + seconds(9) + milliseconds(10)));
  CHECK(fresh.ShutDown() + next.ShutDown() + another.ShutDown() == 1);
}

TEST_CASE("requests that are being answered are not given up for new ones") {
  ConnectionTable table(Limits(2));
  const Peer answering;
  const Peer held;
  Connect(table, answering, kStart);
  Connect(table, held, kStart);
  table.Answering(answering.Fd(), kStart);
  table.Held(held.Fd(), kStart);
  CHECK_FALSE(table.MakeRoom(kStart + milliseconds(900)));
  CHECK_FALSE(answering.ShutDown());
  CHECK_FALSE(held.ShutDown());
}

TEST_CASE("connections that are shut down but not gone yet are bounded too") {
  ConnectionTable table(Limits(1));
  std::array<Peer, ConnectionTable::kClosingHeadroom + 1> peers;
  std::size_t accepted = 0;
  for (const Peer& peer : peers) {
    if (!table.MakeRoom(kStart + seconds(1))) break;
    Connect(table, peer, kStart);
    ++accepted;
  }
  CHECK(accepted == ConnectionTable::kClosingHeadroom + 1);
  CHECK_FALSE(table.MakeRoom(kStart + seconds(1)));
  table.Closed(peers[0].Fd());
  CHECK(table.MakeRoom(kStart + seconds(1)));
}

TEST_CASE("it is known whether an answer is held or being sent") {
  ConnectionTable table(Limits(2));
  const Peer peer;
  Connect(table, peer, kStart);
  CHECK_FALSE(table.IsAnswering());
  table.Held(peer.Fd(), kStart);
  CHECK(table.IsAnswering());
  table.Answering(peer.Fd(), kStart);
  CHECK(table.IsAnswering());
  table.Idle(peer.Fd(), kStart);
  CHECK_FALSE(table.IsAnswering());
  table.Closed(peer.Fd());
  CHECK(table.size() == 0);
}
