#pragma once
// A TCP server on loopback that speaks HTTP as badly as its script says: for faults that no HTTP
// server can be made to have. Every connection runs the same script. Owned by a test; thread-safe.

#include <chrono>
#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "http/file_descriptor.h"

namespace simulator {

struct PeerStep {
  enum class Kind {
    kReadRequest,  // up to the empty line
    kSend,         // `bytes`, over and over `times`
    kDrip,         // as kSend, a byte every `pause`
    kStall,        // until the client goes
    kReset,        // ends the connection with RST
  };
  Kind kind = Kind::kReset;
  std::string bytes = {};
  std::size_t times = 1;
  std::chrono::milliseconds pause{50};
};

// At the end the connection is closed as usual.
using PeerScript = std::vector<PeerStep>;

// Stands in every body that the scripts below send: a log that has it quotes a body.
inline constexpr std::string_view kBodyMarker = "words-of-a-body";

// Every way in which a peer may fail between `accept` and the last byte, with its name.
[[nodiscard]] std::vector<std::pair<std::string, PeerScript>> NamedPeerScripts();

class RawPeer {
 public:
  // Throws std::system_error when it cannot listen.
  explicit RawPeer(PeerScript script);
  ~RawPeer();
  RawPeer(const RawPeer&) = delete;
  RawPeer& operator=(const RawPeer&) = delete;
  RawPeer(RawPeer&&) = delete;
  RawPeer& operator=(RawPeer&&) = delete;

  [[nodiscard]] std::string BaseUrl() const;  // "http://127.0.0.1:PORT/v4"
  // Heads of the requests that were read, in the order of arrival.
  [[nodiscard]] std::vector<std::string> Requests() const;
  [[nodiscard]] std::size_t Connections() const;

 private:
  struct Connection {
    http::FileDescriptor socket;
    std::thread thread;
  };

  void Accept();
  void Serve(Connection& connection);
  // False: the client has gone.
  [[nodiscard]] bool Take(const PeerStep& step, int fd);
  [[nodiscard]] bool ReadRequest(int fd);

  const PeerScript script_;
  http::FileDescriptor listener_;
  std::uint16_t port_ = 0;
  mutable std::mutex mutex_;  // guards the two below
  std::vector<std::string> requests_;
  std::list<Connection> connections_;
  std::thread acceptor_;
};

}  // namespace simulator
