#include "exporter/web/guard.h"

#include <optional>
#include <string_view>
#include <utility>
#include <variant>

#include "http/plain_text.h"

namespace exporter {
namespace {

using http::PlainText;
using Verdict = http::BasicAuth::Verdict;

constexpr std::string_view kAuthorization = "Authorization";
constexpr std::string_view kCountedAs = "authentication";
constexpr const char* kRetryAfter = "5";  // seconds: a hundred passwords at a cost of 10

// What the user wants takes the place of a page's own; nosniff the server adds to every answer.
void AddHeaders(const std::map<std::string, std::string>& headers, http::Response& response) {
  for (const auto& [name, value] : headers) {
    if (name == "X-Content-Type-Options") continue;
    std::erase_if(response.headers,
                  [&own = name](const auto& header) { return header.first == own; });
    response.headers.emplace_back(name, value);
  }
}

// For the wait: without the password.
http::Request WithoutAuthorization(const http::Request& request) {
  http::Request copy{.method = request.method,
                     .path = request.path,
                     .query = request.query,
                     .headers = {},
                     .client = request.client};
  for (const auto& header : request.headers) {
    if (!http::SameHeaderName(header.first, kAuthorization)) copy.headers.push_back(header);
  }
  return copy;
}

}  // namespace

Guard::Guard(http::Handler pages, http::BasicAuth::Post post, HttpRequestCounters& requests)
    : pages_(std::move(pages)),
      requests_(requests),
      auth_(std::move(post)),
      settings_(std::make_shared<const WebSettings>()) {}

void Guard::Replace(std::shared_ptr<const WebSettings> settings) {
  auth_.ReplaceUsers(settings->users);
  const scrape::MutexLock lock(mutex_);
  settings_ = std::move(settings);
}

std::shared_ptr<const WebSettings> Guard::Settings() const {
  const scrape::MutexLock lock(mutex_);
  return settings_;
}

http::Reply Guard::Handle(const http::Request& request) {
  const std::shared_ptr<const WebSettings> settings = Settings();
  http::Reply reply = Decide(request, *settings);
  if (settings->headers.empty()) return reply;
  if (auto* const response = std::get_if<http::Response>(&reply)) {
    AddHeaders(settings->headers, *response);
    return reply;
  }
  return http::Deferred{[settings, deferred = std::get<http::Deferred>(std::move(reply))](
                            const http::Responder& responder) {
    deferred.start(http::Responder([settings, responder](http::Response response) {
      AddHeaders(settings->headers, response);
      responder.Answer(std::move(response));
    }));
  }};
}

http::Reply Guard::Decide(const http::Request& request, const WebSettings& settings) {
  if (settings.users.empty()) return pages_(request);
  const auto known = auth_.Look(request.Header(kAuthorization).value_or(""));
  if (const auto* const verdict = std::get_if<Verdict>(&known)) return Answer(*verdict, request);
  return http::Deferred{
      [this, question = std::get<http::BasicAuth::QuestionPtr>(known),
       waiting = WithoutAuthorization(request)](const http::Responder& responder) {
        auth_.Verify(question, waiting.client, [this, waiting, responder](Verdict verdict) {
          AnswerTo(responder, verdict, waiting);
        });
      }};
}

http::Reply Guard::Answer(Verdict verdict, const http::Request& request) {
  switch (verdict) {
    case Verdict::kGranted:
      return pages_(request);
    case Verdict::kRefused: {
      http::Response response = PlainText(401, "401 unauthorized\n");
      response.headers.emplace_back("WWW-Authenticate", "Basic");
      requests_.Count(kCountedAs, response.status);
      return response;
    }
    case Verdict::kBusy: {
      http::Response response = PlainText(503, "Too many passwords to check\n");
      response.headers.emplace_back("Retry-After", kRetryAfter);
      requests_.Count(kCountedAs, response.status);
      return response;
    }
  }
  return PlainText(500, "internal error\n");
}

void Guard::AnswerTo(const http::Responder& responder, Verdict verdict,
                     const http::Request& request) {
  try {
    http::Reply reply = Answer(verdict, request);
    if (auto* const response = std::get_if<http::Response>(&reply)) {
      responder.Answer(std::move(*response));
    } else {
      std::get<http::Deferred>(reply).start(responder);
    }
  } catch (...) {
    responder.Answer(PlainText(500, "internal error\n"));
  }
}

}  // namespace exporter
