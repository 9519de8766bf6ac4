#include "simulator/documented_answers.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

using namespace simulator;  // NOLINT(google-build-using-namespace): the room under test

TEST_CASE("an answer that is named by a code alone has it, and the status that it begins with") {
  int codes = 0;
  for (const auto& entry : DocumentedAnswers()) {
    const auto& name = entry.first;  // clang 14 cannot capture a binding
    const auto& fault = entry.second;
    CAPTURE(name);
    REQUIRE(fault.instead.has_value());
    CHECK(name.starts_with(std::to_string(fault.instead->status)));
    if (!std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; }))
      continue;
    ++codes;
    CHECK(fault.instead->body->starts_with("{\"error\":{\"code\":" + name + ","));
  }
  CHECK(codes == 43);
}
