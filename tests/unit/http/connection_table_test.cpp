#include "http/connection_table.h"

#include <doctest/doctest.h>
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <string>

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
  return {max_connections, seconds(10), seconds(60), seconds(75), 1'000'000};
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

TEST_CASE("the bodies being sent are bounded: the answer that waits longest is given up") {
  ConnectionLimits limits = Limits(10);
  limits.answer_bytes = 250;
  ConnectionTable table(limits);
  const std::string shared(100, 'a');
  const std::string second(100, 'b');
  const std::string third(100, 'c');
  const std::array<Peer, 5> peers;
  for (const Peer& peer : peers) Connect(table, peer, kStart + seconds(25));
  for (std::size_t i = 0; i < 3; ++i) {
    table.Answering(peers.at(i).Fd(), kStart + milliseconds(100) * i, &shared);
  }
  table.Answering(peers[3].Fd(), kStart + milliseconds(900), &second);
  // One body is counted once, however many take it.
  table.CloseLate(kStart + seconds(30));
  for (const Peer& peer : peers) CHECK_FALSE(peer.ShutDown());
  table.Answering(peers[4].Fd(), kStart + seconds(30), &third);
  table.CloseLate(kStart + seconds(30));
  // The body goes when the last who took it has gone.
  for (std::size_t i = 0; i < 3; ++i) CHECK(peers.at(i).ShutDown());
  CHECK_FALSE(peers[3].ShutDown());
  CHECK_FALSE(peers[4].ShutDown());
}

TEST_CASE("an answer has a second before it is given up for others, and counts no more when sent") {
  ConnectionLimits limits = Limits(10);
  limits.answer_bytes = 50;
  ConnectionTable table(limits);
  const std::string body(100, 'a');
  const Peer peer;
  Connect(table, peer, kStart);
  table.Answering(peer.Fd(), kStart, &body);
  table.CloseLate(kStart + milliseconds(999));
  CHECK_FALSE(peer.ShutDown());
  table.Idle(peer.Fd(), kStart + milliseconds(999));
  table.CloseLate(kStart + seconds(5));
  CHECK_FALSE(peer.ShutDown());
  table.Answering(peer.Fd(), kStart + seconds(5), &body);
  table.CloseLate(kStart + seconds(6));
  CHECK(peer.ShutDown());
  table.Closed(peer.Fd());
  table.CloseLate(kStart + seconds(9));
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
