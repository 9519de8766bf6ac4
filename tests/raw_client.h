#pragma once
// A client that sends exactly the bytes it is told to, on a blocking socket with a timeout of 10 s.
// Owned by a test, used on one thread.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "http/file_descriptor.h"

class RawClient {
 public:
  explicit RawClient(std::uint16_t port, const char* address = "127.0.0.1");

  [[nodiscard]] bool Connected() const { return connected_; }
  // False when the server has closed the connection.
  bool Send(std::string_view bytes);
  // One answer: headers, and as much body as Content-Length says unless `head`. What came before
  // the end of the connection, if that comes first.
  [[nodiscard]] std::string Receive(bool head = false);
  // Everything until the end of the connection.
  [[nodiscard]] std::string ReceiveAll();
  // True when the server has ended the connection; waits for it as long as the timeout.
  [[nodiscard]] bool IsClosed();
  [[nodiscard]] int Fd() const { return socket_.Get(); }

 private:
  bool ReceiveMore();

  http::FileDescriptor socket_;
  bool connected_ = false;
  std::string buffer_;
};

// GET of the path on a connection of its own.
[[nodiscard]] std::string Get(std::uint16_t port, std::string_view path);
[[nodiscard]] int StatusOf(std::string_view answer);
[[nodiscard]] std::string_view BodyOf(std::string_view answer);
