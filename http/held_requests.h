#pragma once
// Requests whose answer waits for its time: their connections are suspended in libmicrohttpd, so no
// thread waits. Event thread only. What is taken out must be resumed.

#include <chrono>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "http/connection_table.h"
#include "http/file_descriptor.h"

struct MHD_Connection;

namespace http {

class Exchange;

struct HeldRequest {
  TimePoint due;
  MHD_Connection* connection = nullptr;
  Exchange* exchange = nullptr;
  int fd = -1;
};

class HeldRequests {
 public:
  HeldRequests();
  // False once closed: the caller keeps the request.
  [[nodiscard]] bool Hold(const HeldRequest& request);
  [[nodiscard]] std::vector<HeldRequest> TakeDue(TimePoint now);
  // Readable while a client has gone whose request is held: libmicrohttpd does not look at
  // suspended connections.
  [[nodiscard]] int GoneDescriptor() const { return gone_.Get(); }
  [[nodiscard]] std::vector<HeldRequest> TakeGone();
  [[nodiscard]] std::vector<HeldRequest> CloseAndTakeAll();

  [[nodiscard]] std::optional<TimePoint> NextDue() const;

 private:
  using ByDue = std::multimap<TimePoint, HeldRequest>;

  [[nodiscard]] HeldRequest Take(ByDue::iterator request);

  FileDescriptor gone_;  // an epoll instance with the sockets of all held requests
  ByDue requests_;
  std::unordered_map<int, ByDue::iterator> by_socket_;
  bool closed_ = false;
};

}  // namespace http
