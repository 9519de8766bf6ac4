#pragma once
// Every answer but the good ones that the vendor documents or was seen to give, and those of the
// proxies and firewalls on the way. Plain values, any thread.

#include <string>
#include <utility>
#include <vector>

#include "simulator/fault.h"

namespace simulator {

// Each with its name: the code and, where a code has several shapes, what is peculiar. Retry-After
// dates are two minutes from now.
[[nodiscard]] std::vector<std::pair<std::string, Fault>> DocumentedAnswers();

}  // namespace simulator
