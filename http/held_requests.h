#pragma once
// Requests whose answer waits for its time, or is still made: their connections are suspended in
// libmicrohttpd, so no thread waits. Event thread only. What is taken out must be resumed.

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "http/connection_table.h"
#include "http/file_descriptor.h"

struct MHD_Connection;

namespace http {

class Exchange;

// Never used twice, unlike sockets and addresses.
using RequestId = std::uint64_t;

struct HeldRequest {
  MHD_Connection* connection = nullptr;
  Exchange* exchange = nullptr;
  int fd = -1;
  RequestId id = 0;  // given by Hold
};

class HeldRequests {
 public:
  HeldRequests();
  // Until `due`, or until it is told when that is. Absent once closed: the caller keeps the
  // request.
  [[nodiscard]] std::optional<RequestId> Hold(HeldRequest request,
                                              TimePoint due = TimePoint::max());
  // Null when it is not held any more.
  [[nodiscard]] Exchange* SetDue(RequestId id, TimePoint due);
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
  std::unordered_map<RequestId, ByDue::iterator> by_id_;
  RequestId last_id_ = 0;
  bool closed_ = false;
};

}  // namespace http
