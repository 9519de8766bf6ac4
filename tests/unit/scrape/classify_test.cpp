#include "scrape/api/classify.h"

#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using scrape::HttpAnswer;
using scrape::Reason;
using scrape::ScrapeError;
using scrape::Verdict;

namespace {

constexpr std::array<std::string_view, 2> kMembers = {"known", "other"};

std::optional<ScrapeError> ErrorOf(int status, std::string_view body) {
  const auto document = scrape::ReadAnswer({status, std::string(body), {}}, kMembers);
  if (document) return std::nullopt;
  return document.error();
}

std::string VendorBody(int code) {
  return R"({"success":false,"error":{"code":)" + std::to_string(code) +
         R"(,"messages":["sentinel words"]}})";
}

struct Row {
  int status;
  int code;
  Reason reason;
  Verdict verdict;
};

// The service's documented codes.
constexpr auto kRows = std::to_array<Row>({
    {400, 400004, Reason::kClientError, Verdict::kNone},
    {400, 400020, Reason::kClientError, Verdict::kNone},
    {400, 400023, Reason::kClientError, Verdict::kNone},
    {400, 400024, Reason::kClientError, Verdict::kNone},
    {400, 400027, Reason::kClientError, Verdict::kNone},
    {400, 400028, Reason::kClientError, Verdict::kNone},
    {400, 400033, Reason::kClientError, Verdict::kNone},
    {400, 400165, Reason::kClientError, Verdict::kNone},
    {400, 400202, Reason::kClientError, Verdict::kNone},
    {401, 401000, Reason::kUnauthorized, Verdict::kRejected},
    {401, 401001, Reason::kUnauthorized, Verdict::kRejected},
    {401, 401002, Reason::kUnauthorized, Verdict::kRejected},
    {401, 401003, Reason::kUnauthorized, Verdict::kRejected},
    {401, 401004, Reason::kUnauthorized, Verdict::kRejected},
    {401, 401005, Reason::kUnauthorized, Verdict::kRejected},
    {401, 401006, Reason::kUnauthorized, Verdict::kRejected},
    {401, 401007, Reason::kUnauthorized, Verdict::kRejected},
    {401, 401009, Reason::kUnauthorized, Verdict::kRejected},
    {401, 401010, Reason::kUnauthorized, Verdict::kRejected},
    {401, 401011, Reason::kMtlsRequired, Verdict::kAccepted},
    {403, 403000, Reason::kForbidden, Verdict::kAccepted},
    {403, 403001, Reason::kForbidden, Verdict::kAccepted},
    {403, 403002, Reason::kIpBlocked, Verdict::kNone},
    {403, 403003, Reason::kForbidden, Verdict::kAccepted},
    {403, 403004, Reason::kForbidden, Verdict::kAccepted},
    {404, 404000, Reason::kNotFound, Verdict::kNone},
    {404, 404001, Reason::kNotFound, Verdict::kNone},
    {404, 404002, Reason::kNotFound, Verdict::kNone},
    {404, 404008, Reason::kUnauthorized, Verdict::kRejected},
    {404, 404013, Reason::kNotFound, Verdict::kNone},
    {404, 404015, Reason::kNotFound, Verdict::kNone},
    {404, 404016, Reason::kNotFound, Verdict::kNone},
    {406, 406000, Reason::kClientError, Verdict::kNone},
    {406, 406001, Reason::kClientError, Verdict::kNone},
    {408, 408000, Reason::kServerError, Verdict::kNone},
    {429, 429000, Reason::kQuotaExhausted, Verdict::kAccepted},
    {429, 429001, Reason::kThrottled, Verdict::kAccepted},
    {429, 429002, Reason::kThrottled, Verdict::kNone},
    {500, 500000, Reason::kServerError, Verdict::kNone},
    {500, 500001, Reason::kServerError, Verdict::kNone},
    {503, 503000, Reason::kServerError, Verdict::kNone},
    {503, 503001, Reason::kServerError, Verdict::kNone},
    {503, 503002, Reason::kServerError, Verdict::kNone},
    // Not documented: the first three digits count.
    {401, 401008, Reason::kUnauthorized, Verdict::kRejectedUnnamed},
    {401, 401999, Reason::kUnauthorized, Verdict::kRejectedUnnamed},
    {403, 403005, Reason::kForbidden, Verdict::kNone},
    {429, 429999, Reason::kThrottled, Verdict::kNone},
    {418, 418000, Reason::kClientError, Verdict::kNone},
    {500, 599999, Reason::kServerError, Verdict::kNone},
});

}  // namespace

TEST_CASE("every code of the service has its reason and verdict, whatever the HTTP status") {
  for (const Row& row : kRows) {
    for (const int status : {row.status, 200, 206, 302, 400, 404, 500}) {
      CAPTURE(row.code);
      CAPTURE(status);
      const auto error = ErrorOf(status, VendorBody(row.code));
      REQUIRE(error);
      CHECK(error->reason == row.reason);
      CHECK(error->verdict == row.verdict);
      CHECK(error->http_status == status);
      CHECK(error->api_code == row.code);
      CHECK(error->detail.find("sentinel") == std::string::npos);
    }
  }
}

TEST_CASE("the code is found as a number, as a string and in details") {
  for (const std::string_view body :
       {R"({"error":{"code":404008}})", R"({"error":{"code":"404008"}})",
        R"({"error":{"code":404008.0}})", R"({"error":{"details":{"code":404008}}})",
        R"({"error":{"code":null,"details":{"code":"404008"}}})",
        R"({"error":{"code":"E_KEY","details":{"code":404008}}})",
        R"({"error":{"code":404008,"details":{"code":403002}}})",
        R"({"error":{"name":"ClientError","messages":"text","code":404008,"status":404}})",
        R"({"status":"error","error":{"code":404008,"messages":{"odd":1}}})"}) {
    CAPTURE(body);
    const auto error = ErrorOf(404, body);
    REQUIRE(error);
    CHECK(error->reason == Reason::kUnauthorized);
    CHECK(error->verdict == Verdict::kRejected);
    CHECK(error->api_code == 404008);
  }
}

TEST_CASE("an unusable code leaves the HTTP status to decide") {
  const std::vector<Row> by_status = {
      {301, 0, Reason::kRedirect, Verdict::kNone},
      {308, 0, Reason::kRedirect, Verdict::kNone},
      {400, 0, Reason::kClientError, Verdict::kNone},
      {401, 0, Reason::kUnauthorized, Verdict::kRejectedUnnamed},
      {403, 0, Reason::kForbidden, Verdict::kNone},
      {404, 0, Reason::kNotFound, Verdict::kNone},
      {408, 0, Reason::kServerError, Verdict::kNone},
      {418, 0, Reason::kClientError, Verdict::kNone},
      {429, 0, Reason::kThrottled, Verdict::kNone},
      {500, 0, Reason::kServerError, Verdict::kNone},
      {599, 0, Reason::kServerError, Verdict::kNone},
      {200, 0, Reason::kSchema, Verdict::kNone},
  };
  for (const Row& row : by_status) {
    for (const std::string_view error_object :
         {R"({})", R"({"code":0})", R"({"code":-401006})", R"({"code":401})", R"({"code":4010060})",
          R"({"code":401006.5})", R"({"code":600000})", R"({"code":399999})", R"({"code":200000})",
          R"({"code":1e15})", R"({"code":"401006 "})", R"({"code":true})", R"({"code":[401006]})",
          R"({"details":[]})", R"({"details":{"code":1}})", R"({"messages":[]})"}) {
      CAPTURE(row.status);
      CAPTURE(error_object);
      const auto error = ErrorOf(row.status, "{\"error\":" + std::string(error_object) + "}");
      REQUIRE(error);
      CHECK(error->reason == row.reason);
      CHECK(error->verdict == row.verdict);
      CHECK(error->api_code == std::nullopt);
    }
  }
}

TEST_CASE("a 401 of the service stops the key even when its code says something else") {
  const auto error = ErrorOf(401, VendorBody(498123));
  REQUIRE(error);
  CHECK(error->reason == Reason::kClientError);
  CHECK(error->verdict == Verdict::kRejectedUnnamed);
  CHECK(ErrorOf(401, VendorBody(429000))->verdict == Verdict::kAccepted);
}

TEST_CASE("a refusal in another shape than the service's says nothing about the key") {
  for (const std::string_view body :
       {"", "<html>Unauthorized</html>", "[]", "\"x\"", "{}", R"({"message":"Unauthorized"})",
        R"({"error":"unauthorized"})", R"({"error":null})", R"({"error":[{"code":401006}]})",
        R"({"code":401006})", R"({"error":{"code":401006})", "\xEF\xBB\xBF{\"error\":{}}"}) {
    CAPTURE(body);
    for (const int status : {401, 403}) {
      const auto error = ErrorOf(status, body);
      REQUIRE(error);
      CHECK(error->reason == Reason::kForbidden);
      CHECK(error->verdict == Verdict::kNone);
      CHECK(error->http_status == status);
    }
    CHECK(ErrorOf(404, body)->reason == Reason::kNotFound);
    CHECK(ErrorOf(407, body)->reason == Reason::kClientError);
    CHECK(ErrorOf(408, body)->reason == Reason::kServerError);
    CHECK(ErrorOf(429, body)->reason == Reason::kThrottled);
    CHECK(ErrorOf(302, body)->reason == Reason::kRedirect);
    CHECK(ErrorOf(304, body)->reason == Reason::kRedirect);
    CHECK(ErrorOf(503, body)->reason == Reason::kServerError);
  }
}

TEST_CASE("no answer, an interim answer and an odd status are transport failures") {
  for (const int status : {-1, 0, 100, 101, 199, 600, 999}) {
    CAPTURE(status);
    CHECK(ErrorOf(status, R"({"known":1})")->reason == Reason::kTransport);
    CHECK(ErrorOf(status, VendorBody(401006))->verdict == Verdict::kNone);
  }
}

TEST_CASE("a granted request needs an object with a documented member") {
  for (const int status : {200, 201, 206, 299}) {
    CAPTURE(status);
    CHECK_FALSE(ErrorOf(status, R"({"known":null,"x":1})"));
    CHECK_FALSE(ErrorOf(status, R"({"error":null,"other":1})"));
    CHECK_FALSE(ErrorOf(status, R"({"error":false,"other":1})"));
    CHECK_FALSE(ErrorOf(status, R"({"known":1e400})"));
    for (const std::string_view body :
         {"{}", "[]", "[{\"known\":1}]", "\"known\"", "1", "null", R"({"message":"x"})",
          R"({"error":"denied"})", R"({"success":true,"error":null,"data":{"known":1}})"}) {
      CAPTURE(body);
      CHECK(ErrorOf(status, body)->reason == Reason::kSchema);
      CHECK(ErrorOf(status, body)->verdict == Verdict::kNone);
    }
    for (const std::string_view body :
         {"", " ", "<html></html>", "{\"known\":1", "{\"known\":1}x", "\xEF\xBB\xBF{\"known\":1}",
          "{\"known\":\"\xFF\"}", "{\"known\":1e400x}"}) {
      CAPTURE(body);
      CHECK(ErrorOf(status, body)->reason == Reason::kDecode);
    }
  }
  CHECK(ErrorOf(204, "")->reason == Reason::kDecode);
  CHECK(ErrorOf(204, R"({"known":1})")->reason == Reason::kDecode);
}

TEST_CASE("the detail never quotes the body") {
  CHECK(ErrorOf(200, "{\"sentinel\":sentinel}")->detail == "not JSON, byte 12: Invalid value.");
  CHECK(ErrorOf(200, "[\"sentinel\"]")->detail == "JSON, but not an object");
  CHECK(ErrorOf(200, "{\"sentinel\":1}")->detail == "an object without any documented member");
  CHECK(ErrorOf(401, "sentinel")->detail.empty());
}

TEST_CASE("hostile bodies of any status are failures, not crashes") {
  for (const int status : {200, 401, 500}) {
    CHECK(ErrorOf(status, std::string(1 << 20, '[')));
    CHECK(ErrorOf(status, std::string(1 << 20, '\0')));
    CHECK(ErrorOf(status, "{\"error\":{\"code\":" + std::string(100'000, '[')));
    CHECK(ErrorOf(status, "{\"error\":{\"code\":\"" + std::string(1 << 20, '4') + "\"}}"));
  }
}

TEST_CASE("every failed answer passes on what its headers said about waiting") {
  for (const auto& [failed, body] : std::vector<std::pair<int, std::string>>{
           {429, VendorBody(429001)}, {503, "<html>"}, {204, ""}, {200, "{}"}, {301, ""}}) {
    const int status = failed;  // clang 14 cannot capture a binding
    CAPTURE(status);
    const HttpAnswer answer{.status = status,
                            .body = body,
                            .retry_after = 7s,
                            .rate_limit = {.family = "feed", .reset_in = 9s}};
    const auto document = scrape::ReadAnswer(answer, kMembers);
    REQUIRE_FALSE(document);
    CHECK(document.error().retry_after == 7s);
    CHECK(document.error().reset_in == 9s);
    CHECK(document.error().rate_limit_family == "feed");
  }
  CHECK_FALSE(ErrorOf(503, "")->retry_after);
  CHECK_FALSE(ErrorOf(503, "")->reset_in);
}

TEST_CASE("the words of a 429000 say when the quota comes back, before any header") {
  const auto reset_in = [](std::string_view error) {
    const HttpAnswer answer{.status = 429,
                            .body = R"({"error":)" + std::string(error) + "}",
                            .rate_limit = {.reset_in = 9s}};
    return scrape::ReadAnswer(answer, kMembers).error().reset_in;
  };
  CHECK(
      reset_in(
          R"({"code":429000,"messages":["x","it will be reset in 1 hours 2 minutes 3 seconds."]})") ==
      3723s);
  CHECK(reset_in(R"({"code":429000,"messages":"it will be reset in 2 minutes"})") == 120s);
  CHECK(reset_in(R"({"code":429000,"details":{"message":"Reset in 1 hour"}})") == 3600s);
  CHECK(reset_in(R"({"code":"429000","messages":["Limit: 5 / 5"]})") == 9s);
  CHECK(reset_in(R"({"code":429001,"messages":["reset in 2 minutes"]})") == 9s);
}
