#pragma once
// What goes wrong with an answer of the simulated service. Plain values, any thread.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/message.h"

namespace simulator {

struct Fault {
  std::optional<http::Response> instead;  // of the true answer
  std::chrono::milliseconds delay{0};
  http::Response::Ending ending = http::Response::Ending::kWhole;
};

[[nodiscard]] Fault NoFault();

// In the vendor's JSON shape, {"error":{"code":...,"messages":[...]}}.
[[nodiscard]] Fault ApiError(int status, int code, std::string_view message);
[[nodiscard]] Fault Rejected();  // 401 401006
[[nodiscard]] Fault NotFound();  // 404 404008
[[nodiscard]] Fault QuotaExhausted(
    std::chrono::seconds reset_in);  // 429 429000, text with the reset
[[nodiscard]] Fault Throttled();  // 429 429001: `messages` is a string, `name` and `status` beside
[[nodiscard]] Fault ServerError();   // 500 500001
[[nodiscard]] Fault ErrorWith200();  // 200 with 401006 in the body

// Not the vendor's JSON.
[[nodiscard]] Fault Forbidden();  // 403 of something in between, HTML
[[nodiscard]] Fault Garbage();    // 200, application/json, binary
[[nodiscard]] Fault Html();       // 200
[[nodiscard]] Fault EmptyBody();  // 200
[[nodiscard]] Fault WrongShape(std::string json = "[]");
[[nodiscard]] Fault HugeBody();                      // 200, right JSON of 2 MiB
[[nodiscard]] Fault Redirect(std::string location);  // 302

// Of the transport.
[[nodiscard]] Fault Slow(std::chrono::milliseconds delay);  // the true answer, late
[[nodiscard]] Fault Hang();       // no answer for 10 minutes, or until the client goes
[[nodiscard]] Fault Drop();       // the connection ends without a byte
[[nodiscard]] Fault Truncated();  // the connection ends after half of the true body

// Anything else, as it stands.
[[nodiscard]] Fault Custom(http::Response response);
[[nodiscard]] Fault CustomBody(int status, std::string body,
                               std::string content_type = "application/json; charset=utf-8");

// Every fault above that needs no argument or has a usual one, with its name, for tests that try
// them all. Redirect and Custom are not among them, Slow takes 200 ms.
[[nodiscard]] std::vector<std::pair<std::string, Fault>> NamedFaults();

}  // namespace simulator
