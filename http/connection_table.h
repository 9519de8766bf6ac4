#pragma once
// Who is connected, since when in which state, and who has to go: the deadlines that libmicrohttpd
// does not keep (its own timeout is reset by every single byte). Event thread only. A connection is
// known by its socket, from libmicrohttpd's notice of its start to that of its end.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace http {

using TimePoint = std::chrono::steady_clock::time_point;

struct ConnectionLimits {
  std::size_t max_connections = 0;
  std::chrono::milliseconds request_timeout{};  // from the first sign of a request to its last byte
  std::chrono::milliseconds answer_timeout{};   // from the answer's first byte to its last
  std::chrono::milliseconds idle_timeout{};     // between two requests
  std::size_t answer_bytes = 0;  // of bodies being sent, each counted once, however many take it
};

class ConnectionTable {
 public:
  // Connections that were shut down stay until libmicrohttpd has noticed; so many of them, at
  // most, are waited for beside max_connections live ones.
  static constexpr std::size_t kClosingHeadroom = 64;

  explicit ConnectionTable(const ConnectionLimits& limits) : limits_(limits) {}

  // True when one more connection may be accepted. At the limit it first shuts down the one that
  // deserves its place least; false when there is none such, or when the place is not free yet.
  [[nodiscard]] bool MakeRoom(TimePoint now);
  // Shuts down what has passed its deadline. An idle connection on which something has arrived has
  // begun its next request; one whose client has ended its direction within a request does not wait
  // for the rest. While the bodies being sent are more than allowed, the answer that is not taken
  // for the longest time is late, too.
  void CloseLate(TimePoint now);
  // Shuts down what is idle for ever, as its client has ended its own direction: when that comes
  // together with the request, libmicrohttpd does not notice.
  void CloseEnded();

  void Started(int fd, TimePoint now);
  void Receiving(int fd, TimePoint now);  // a request line has arrived
  // The answer is being sent; its body, if any, lives until it was sent or given up.
  void Answering(int fd, TimePoint now, const std::string* body = nullptr);
  void Held(int fd, TimePoint now);  // the answer waits for its time
  void Idle(int fd, TimePoint now);  // the answer was sent or given up
  void Closed(int fd);

  // Some answer is held or being sent.
  [[nodiscard]] bool IsAnswering() const;
  [[nodiscard]] std::size_t size() const { return connections_.size(); }

 private:
  enum class State { kReceiving, kAnswering, kHeld, kIdle };
  struct Connection {
    State state = State::kReceiving;
    TimePoint since;
    std::uint64_t received = 0;  // bytes, when its request was there
    bool closing = false;
    const std::string* body = nullptr;  // that is being sent
  };
  struct Body {
    std::size_t bytes = 0;
    std::size_t users = 0;
  };
  using Connections = std::unordered_map<int, Connection>;

  void Enter(int fd, State state, TimePoint now);
  void ShutDown(Connections::value_type& connection);
  void ReleaseBody(Connection& connection);
  bool CloseUntaken(TimePoint now);  // false: nobody is
  [[nodiscard]] bool IsLate(const Connection& connection, TimePoint now) const;
  [[nodiscard]] static int Rank(const Connection& connection, TimePoint now);

  const ConnectionLimits limits_;
  Connections connections_;
  std::size_t closing_ = 0;
  std::unordered_map<const std::string*, Body> bodies_;
  std::size_t body_bytes_ = 0;  // of bodies_
  std::vector<int> ended_;
};

}  // namespace http
