#include "simulator/fault.h"

#include <fmt/format.h>

#include <memory>

#include "simulator/bodies.h"

namespace simulator {
namespace {

constexpr std::size_t kHugeBodySize = std::size_t{2} << 20U;
// Longer than any client's timeout.
constexpr auto kHangTime = std::chrono::minutes(10);

}  // namespace

Fault NoFault() { return {}; }

Fault Custom(http::Response response) {
  Fault fault;
  fault.instead = std::move(response);
  return fault;
}

Fault CustomBody(int status, std::string body, std::string content_type) {
  http::Response response;
  response.status = status;
  response.headers = {{"Content-Type", std::move(content_type)}};
  response.body = std::make_shared<const std::string>(std::move(body));
  return Custom(std::move(response));
}

Fault ApiError(int status, int code, std::string_view message) {
  return CustomBody(status, ErrorBody(code, message));
}

Fault Rejected() { return ApiError(401, 401006, "Invalid API key"); }

Fault NotFound() { return ApiError(404, 404008, "The apikey was not found"); }

Fault QuotaExhausted(std::chrono::seconds reset_in) {
  const auto seconds = reset_in.count();
  return ApiError(429, 429000,
                  fmt::format("API key limit exceeded, please retry after the limit is reset. The "
                              "limit will be reset in {} hours {} minutes {} seconds.",
                              seconds / 3600, seconds / 60 % 60, seconds % 60));
}

Fault Throttled() {
  return CustomBody(429,
                    R"({"error":{"name":"ClientError","messages":"The request has been throttled, )"
                    R"(maximum requests per hour: 9 for free users","code":429001,"status":429}})");
}

Fault ServerError() { return ApiError(500, 500001, "Internal server error"); }

Fault ErrorWith200() { return CustomBody(200, ErrorBody(401006, "Invalid API key")); }

Fault Forbidden() {
  return CustomBody(403, "<html><body><h1>403 Forbidden</h1></body></html>\n", "text/html");
}

Fault Garbage() {
  return CustomBody(200, std::string("\x00\xff{\"reputation_api\":\x80\xfe[[", 24));
}

Fault Html() {
  return CustomBody(200, "<!doctype html><title>Sign in to the guest network</title>\n",
                    "text/html");
}

Fault EmptyBody() { return CustomBody(200, ""); }

Fault WrongShape(std::string json) { return CustomBody(200, std::move(json)); }

Fault HugeBody() {
  return CustomBody(
      200, R"({"reputation_api":0,"padding":")" + std::string(kHugeBodySize, 'x') + R"("})");
}

Fault Redirect(std::string location) {
  http::Response response;
  response.status = 302;
  response.headers = {{"Location", std::move(location)}};
  return Custom(std::move(response));
}

Fault Slow(std::chrono::milliseconds delay) {
  Fault fault;
  fault.delay = delay;
  return fault;
}

Fault Hang() { return Slow(kHangTime); }

Fault Drop() {
  Fault fault;
  fault.ending = http::Response::Ending::kNoAnswer;
  return fault;
}

Fault Truncated() {
  Fault fault;
  fault.ending = http::Response::Ending::kHalfBody;
  return fault;
}

std::vector<std::pair<std::string, Fault>> NamedFaults() {
  return {{"rejected", Rejected()},
          {"not_found", NotFound()},
          {"quota_exhausted", QuotaExhausted(std::chrono::hours(5))},
          {"throttled", Throttled()},
          {"server_error", ServerError()},
          {"error_with_200", ErrorWith200()},
          {"forbidden", Forbidden()},
          {"garbage", Garbage()},
          {"html", Html()},
          {"empty_body", EmptyBody()},
          {"wrong_shape", WrongShape()},
          {"huge_body", HugeBody()},
          {"slow", Slow(std::chrono::milliseconds(200))},
          {"hang", Hang()},
          {"drop", Drop()},
          {"truncated", Truncated()}};
}

}  // namespace simulator
