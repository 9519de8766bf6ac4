#include "simulator/documented_answers.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <memory>
#include <string_view>

#include "simulator/bodies.h"
#include "simulator/json_writer.h"

namespace simulator {
namespace {

using Answers = std::vector<std::pair<std::string, Fault>>;
using Headers = std::vector<std::pair<std::string, std::string>>;

struct Row {
  int status;
  int code;
  std::string_view text;
};

// The service's list of codes.
constexpr std::array kCodes = {
    Row{400, 400004, "The query parameters are not valid"},
    Row{400, 400020, "A header is not valid"},
    Row{400, 400023, "A header is incorrect"},
    Row{400, 400024, "A header is missing"},
    Row{400, 400027, "The offset has to be a positive integer"},
    Row{400, 400028, "The limit has to be a positive integer below 10.000"},
    Row{400, 400033, "The page has to be a positive integer"},
    Row{400, 400165, "No apikey was specified"},
    Row{400, 400202, "The date is not valid"},
    Row{401, 401000, "Authentication failed"},
    Row{401, 401001, "Authentication strategy is not valid"},
    Row{401, 401002, "Authentication token is missing"},
    Row{401, 401003, "Authentication token is not valid"},
    Row{401, 401004, "Authentication token has expired"},
    Row{401, 401005, "Authentication strategy is not available"},
    Row{401, 401006, "Invalid API key"},
    Row{401, 401007, "Not authorized"},
    Row{401, 401009, "The OAuth token has expired"},
    Row{401, 401010, "The OAuth token is not valid"},
    Row{401, 401011, "This apikey is for mTLS only"},
    Row{403, 403000, "Forbidden"},
    Row{403, 403001, "The resource belongs to another apikey"},
    Row{403, 403002, "This address was blocked because of abuse"},
    Row{403, 403003, "Insufficient privileges"},
    Row{403, 403004, "This address is not on the organization's list"},
    Row{404, 404000, "Endpoint not found"},
    Row{404, 404001, "Entity not found"},
    Row{404, 404002, "No entries found"},
    Row{404, 404008, "The apikey was not found"},
    Row{404, 404013, "This version of the API is not maintained any more"},
    Row{404, 404015, "The Authorization token is missing"},
    Row{404, 404016, "The Basic token is wrong"},
    Row{406, 406000, "The content type is not supported"},
    Row{406, 406001, "The payload is not acceptable"},
    Row{408, 408000, "The request took too long"},
    Row{429, 429000, "The API key limit is exceeded. Limit: 40 / 40"},
    Row{429, 429001, "The request was throttled, maximum requests per minute: 75"},
    Row{429, 429002, "Too many connections"},
    Row{500, 500000, "The scan failed for good"},
    Row{500, 500001, "Internal server error"},
    Row{503, 503000, "Redis is not reachable"},
    Row{503, 503001, "The database is not reachable"},
    Row{503, 503002, "The server is not reachable"}};

constexpr std::string_view kJson = "application/json; charset=utf-8";
constexpr std::string_view kHtml = "text/html";
// Enough for every collector.
constexpr std::string_view kSmallTrueBody = R"({"reputation_api":0,"limit_reputation":4000})";

Fault With(Fault fault, Headers headers) {
  for (auto& header : headers) fault.instead->headers.push_back(std::move(header));
  return fault;
}

Fault Error(int code) {
  for (const Row& row : kCodes) {
    if (row.code == code) return ApiError(row.status, row.code, row.text);
  }
  return ApiError(code / 1000, code, "A new kind of error");
}

Fault Page(int status, std::string_view title) {
  return CustomBody(status, fmt::format("<html><body><h1>{}</h1></body></html>\n", title),
                    std::string(kHtml));
}

Fault Body(int status, std::string_view body, std::string_view content_type = kJson) {
  return CustomBody(status, std::string(body), std::string(content_type));
}

void AddShapesOfErrors(Answers& answers) {
  answers.insert(
      answers.end(),
      {{"200_with_401006", ErrorWith200()},
       {"200_with_429000", Body(200, ErrorBody(429000, "The API key limit is exceeded"))},
       {"200_with_500001", Body(200, ErrorBody(500001, "Internal server error"))},
       {"200_with_error_without_code", Body(200, R"({"error":{"messages":["Something"]}})")},
       {"200_success_false", Body(200, R"({"success":false})")},
       {"200_v3_wrapper", Body(200, R"({"success":true,"data":{"limit_reputation":4000}})")},
       {"404008_success_false",
        Body(404, R"({"success":false,"error":{"code":404008,"messages":["Not found"]}})")},
       {"429001_messages_string", Throttled()},
       {"401006_messages_string",
        Body(401, R"({"error":{"code":401006,"messages":"Invalid API key"}})")},
       {"401006_code_string",
        Body(401, R"({"error":{"code":"401006","messages":["Invalid API key"]}})")},
       {"401006_in_details",
        Body(401, R"({"error":{"details":{"code":401006,"message":"Invalid API key"}}})")},
       {"403004_in_details", Body(403, R"({"error":{"details":{"code":403004,"message":"Address"},)"
                                       R"("state":{"requestId":"request-1"}}})")},
       {"401_unknown_code", Error(401999)},
       {"403_unknown_code", Error(403999)},
       {"404_unknown_code", Error(404999)},
       {"429_unknown_code", Error(429999)},
       {"503_unusable_code", Body(503, R"({"error":{"code":7,"messages":["Seven"]}})")},
       {"401_without_code", Body(401, R"({"error":{"messages":["Unauthorized"]}})")},
       {"403_without_code", Body(403, R"({"error":{"messages":["Forbidden"]}})")},
       {"404_without_code", Body(404, R"({"error":{"messages":["Not found"]}})")},
       {"429_without_code", Body(429, R"({"error":{"messages":["Too many requests"]}})")}});
}

void AddWaits(Answers& answers) {
  const std::string date = HttpDate(std::chrono::floor<std::chrono::milliseconds>(
      std::chrono::system_clock::now() + std::chrono::minutes(2)));
  for (const int code : {403002, 408000, 429000, 429001, 429002, 503002}) {
    const std::string name = std::to_string(code);
    answers.emplace_back(name + "_retry_after_seconds",
                         With(Error(code), {{"Retry-After", "120"}}));
    answers.emplace_back(name + "_retry_after_date", With(Error(code), {{"Retry-After", date}}));
  }
  answers.insert(
      answers.end(),
      {{"429002_retry_after_nonsense", With(Error(429002), {{"Retry-After", "soon"}})},
       {"429000_reset_in_text", QuotaExhausted(std::chrono::minutes(5))},
       {"429000_rate_limit_headers", With(Error(429000), {{"x-ratelimit-for", "reputation_api"},
                                                          {"x-ratelimit-limit", "4000"},
                                                          {"x-ratelimit-used", "4000"},
                                                          {"x-ratelimit-remaining", "0"},
                                                          {"x-ratelimit-reset-in", "300s"},
                                                          {"x-ratelimit-interval", "86400"}})},
       {"429_page_retry_after", With(Page(429, "Slow down"), {{"Retry-After", "120"}})}});
}

void AddForeignAnswers(Answers& answers) {
  for (const int status : {401, 403, 404, 405, 407, 429, 500, 501, 502, 503, 504, 511}) {
    answers.emplace_back(fmt::format("{}_page", status), Page(status, "Something in between"));
  }
  for (const int status : {200, 204, 401, 403, 404, 429, 500}) {
    answers.emplace_back(fmt::format("{}_empty", status), Body(status, ""));
  }
  for (const int status : {301, 302, 304}) {
    answers.emplace_back(fmt::format("{}_moved", status),
                         With(Body(status, ""), {{"Location", "https://login.example.org/"}}));
  }
  answers.insert(answers.end(),
                 {{"401_json_of_a_gateway", Body(401, R"({"message":"Unauthorized"})")},
                  {"403_json_of_a_gateway", Body(403, R"({"message":"Forbidden"})")},
                  {"403_error_string", Body(403, R"({"error":"Forbidden"})")},
                  {"403_text", Body(403, "blocked by policy\n", "text/plain")},
                  {"200_page", Page(200, "Sign in")},
                  {"200_page_called_json", Body(200, "<html>Sign in</html>")},
                  {"200_garbage", Garbage()},
                  {"200_cut_json", Body(200, R"({"reputation_api":0,"limit_)")},
                  {"200_array", WrongShape("[]")},
                  {"200_string", WrongShape(R"("text")")},
                  {"200_null", WrongShape("null")},
                  {"200_empty_object", WrongShape("{}")},
                  {"200_good_as_text", Body(200, kSmallTrueBody, "text/plain")},
                  {"200_good_as_html", Body(200, kSmallTrueBody, kHtml)},
                  {"201_good", Body(201, kSmallTrueBody)}});
}

}  // namespace

std::vector<std::pair<std::string, Fault>> DocumentedAnswers() {
  Answers answers;
  for (const Row& row : kCodes) answers.emplace_back(std::to_string(row.code), Error(row.code));
  AddShapesOfErrors(answers);
  AddWaits(answers);
  AddForeignAnswers(answers);
  return answers;
}

}  // namespace simulator
