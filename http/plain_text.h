#pragma once
// Answers for people. Pure, any thread.

#include <string>

#include "http/message.h"

namespace http {

[[nodiscard]] Response PlainText(int status, std::string text);
// More work is waiting already than is taken: 503, to be tried again in a second.
[[nodiscard]] Response Busy();

}  // namespace http
