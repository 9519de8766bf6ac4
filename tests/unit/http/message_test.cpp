#include "http/message.h"

#include <doctest/doctest.h>

TEST_CASE("a header is found whatever its case, the first one of several") {
  http::Request request;
  request.headers = {{"Accept", "first"}, {"ACCEPT", "second"}, {"X", ""}};
  CHECK(request.Header("accept") == "first");
  CHECK(request.Header("x") == "");
  CHECK_FALSE(request.Header("acce").has_value());
  CHECK_FALSE(request.Header("").has_value());
}
