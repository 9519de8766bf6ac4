#pragma once
// The answer of a handler, whoever makes it.

#include <future>
#include <memory>
#include <utility>
#include <variant>

#include "http/reply.h"

namespace test {

inline std::future<http::Response> FutureAnswer(const http::Reply& reply) {
  const auto promise = std::make_shared<std::promise<http::Response>>();
  const http::Responder responder(
      [promise](http::Response response) { promise->set_value(std::move(response)); });
  if (const auto* const response = std::get_if<http::Response>(&reply)) {
    responder.Answer(*response);
  } else {
    std::get<http::Deferred>(reply).start(responder);
  }
  return promise->get_future();
}

inline http::Response AnswerOf(const http::Reply& reply) { return FutureAnswer(reply).get(); }

}  // namespace test
