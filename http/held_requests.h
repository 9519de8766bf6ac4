#pragma once
// Requests whose answer waits for its time: their connections are suspended in libmicrohttpd, so no
// thread waits. Thread-safe: the event thread puts them in, the acceptor thread takes them out when
// they are due or their client has gone, Stop takes all. What is taken out must be resumed.

#include <chrono>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "http/connection_table.h"
#include "http/file_descriptor.h"
#include "http/mutex.h"

struct MHD_Connection;

namespace http {

struct Exchange;

struct HeldRequest {
  TimePoint due;
  MHD_Connection* connection = nullptr;
  Exchange* exchange = nullptr;
  int fd = -1;
};

class HeldRequests {
 public:
  HeldRequests();
  // Readable after Hold and Wake; ClearWakeUps makes it unreadable again.
  [[nodiscard]] int WakeDescriptor() const { return wake_.Get(); }
  void Wake();
  void ClearWakeUps();

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

  [[nodiscard]] HeldRequest Take(ByDue::iterator request) REQUIRES(mutex_);

  FileDescriptor wake_;  // an eventfd
  FileDescriptor gone_;  // an epoll instance with the sockets of all held requests
  mutable Mutex mutex_;
  ByDue requests_ GUARDED_BY(mutex_);
  std::unordered_map<int, ByDue::iterator> by_socket_ GUARDED_BY(mutex_);
  bool closed_ GUARDED_BY(mutex_) = false;
};

}  // namespace http
