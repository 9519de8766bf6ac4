#pragma once
// The answers other threads made to suspended requests, on their way to the event thread, and the
// means to wake it. Shared by the event loop and the responders, which may outlive the server:
// thread-safe.

#include <cstdint>
#include <mutex>
#include <vector>

#include "http/file_descriptor.h"
#include "http/held_requests.h"
#include "http/message.h"

namespace http {

class AnswerQueue {
 public:
  struct Entry {
    RequestId request = 0;
    Response response;
  };

  AnswerQueue();
  void Push(RequestId request, Response response);
  // Readable from a Push or Wake until TakeAll.
  [[nodiscard]] int Descriptor() const { return event_.Get(); }
  void Wake();
  [[nodiscard]] std::vector<Entry> TakeAll();
  // Whatever comes from here on is thrown away.
  void Close();

 private:
  void WakeLocked();

  const FileDescriptor event_;  // an eventfd
  std::mutex mutex_;            // guards all below
  std::vector<Entry> entries_;
  bool readable_ = false;
  bool closed_ = false;
};

}  // namespace http
