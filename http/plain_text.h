#pragma once
// Answers for people. Pure, any thread.

#include <string>

#include "http/message.h"

namespace http {

[[nodiscard]] Response PlainText(int status, std::string text);

}  // namespace http
