#pragma once
// A Response in libmicrohttpd's hands. Event thread only.

#include "http/message.h"

struct MHD_Connection;

namespace http {

// Queues the answer on the connection. False: it is to be closed without one, because the response
// wants that or cannot be sent (a header with a line break in it).
[[nodiscard]] bool QueueAnswer(MHD_Connection* connection, const Response& response);

}  // namespace http
