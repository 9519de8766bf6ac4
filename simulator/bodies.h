#pragma once
// The JSON bodies of the three endpoints and of errors, as the service writes them. Pure, any
// thread.

#include <string>
#include <string_view>

#include "simulator/key_script.h"
#include "simulator/truth.h"

namespace simulator {

// GET /apikey/ : carries the key in clear as `portal_api_key`, as the real one does.
[[nodiscard]] std::string InfoBody(const KeyScript& script);
// GET /apikey/limits and /apikey/limits/status: a counter of an open window is a string, an
// untouched one the number.
[[nodiscard]] std::string LimitsBody(const KeyTruth& truth);
[[nodiscard]] std::string StatusBody(const KeyTruth& truth);
[[nodiscard]] std::string ErrorBody(int code, std::string_view message);

}  // namespace simulator
