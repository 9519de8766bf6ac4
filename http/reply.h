#pragma once
// What a handler gives back: the answer, or the promise of one that another thread will make.

#include <functional>
#include <memory>
#include <variant>

#include "http/message.h"

namespace http {

// The way to the client of one suspended request. Handles are copied freely and used on any thread.
// Answering after the client has gone, or after the server has stopped, is harmless.
class Responder {
 public:
  // `deliver` is called once, on the thread that answers. Handlers wrap one Responder in another to
  // see the answer, or to change it.
  explicit Responder(std::function<void(Response)> deliver);

  // The first answer counts. Where none came, the last handle to go away answers 500.
  void Answer(Response response) const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

// The request is suspended, then `start` is called, on the event thread: it must not block. A
// client that goes away, or only ends its own direction, is not waited for.
struct Deferred {
  std::function<void(Responder)> start;
};

using Reply = std::variant<Response, Deferred>;
using Handler = std::function<Reply(const Request&)>;

}  // namespace http
