#include "http/reply.h"

#include <microhttpd.h>

#include <atomic>
#include <utility>

#include "http/plain_text.h"

namespace http {

struct Responder::State {
  explicit State(std::function<void(Response)> delivery) : deliver(std::move(delivery)) {}
  ~State() {
    try {
      Answer(PlainText(MHD_HTTP_INTERNAL_SERVER_ERROR, "internal error\n"));
    } catch (...) {  // no memory: the client waits until it gives up
    }
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  State(State&&) = delete;
  State& operator=(State&&) = delete;

  void Answer(Response response) {
    if (!answered.exchange(true)) deliver(std::move(response));
  }

  const std::function<void(Response)> deliver;
  std::atomic<bool> answered = false;
};

Responder::Responder(std::function<void(Response)> deliver)
    : state_(std::make_shared<State>(std::move(deliver))) {}

void Responder::Answer(Response response) const { state_->Answer(std::move(response)); }

}  // namespace http
