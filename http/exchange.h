#pragma once
// One request and its answer, from the request line until libmicrohttpd reports the end. Belongs to
// the connection; event thread only.

#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include "http/message.h"

struct MHD_Connection;

namespace http {

class Exchange {
 public:
  // `target`: as sent in the request line, in libmicrohttpd's buffer.
  explicit Exchange(const char* target)
      : target_(target), version_at_(target + target_.size() + 1) {}

  // True for the first call only: the headers have arrived, a body may follow.
  [[nodiscard]] bool TakeHeaders() { return !std::exchange(has_headers_, true); }
  // By its Content-Length.
  [[nodiscard]] static bool AnnouncesTooMuch(MHD_Connection* connection);
  // Whether somebody else, such as a proxy before this server, could see the end of the body
  // elsewhere, and take what is behind it for the next request.
  [[nodiscard]] static bool HasDoubtfulEnd(MHD_Connection* connection);
  // Bodies are not kept. False: it is too large.
  [[nodiscard]] bool AddBody(std::size_t bytes);
  // Absent: the target is neither a path nor a URL. `version`: of the request line, in the buffer.
  [[nodiscard]] std::optional<Request> Read(MHD_Connection* connection, const char* method,
                                            const char* version) const;

  std::optional<Response> held;  // what a held request is answered with, once that is known

 private:
  const std::string target_;
  const char* const version_at_;  // where the version stands unless the target has a NUL in it
  bool has_headers_ = false;
  std::size_t body_bytes_ = 0;
};

}  // namespace http
