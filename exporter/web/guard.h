#pragma once
// What stands before the pages: asks for a password where users are configured, and adds the
// configured headers to every answer. Its settings change as a whole while it serves. Handle is
// called on the HTTP thread, Replace on any.

#include <map>
#include <memory>
#include <string>

#include "exporter/metrics/http_request_counters.h"
#include "http/basic_auth.h"
#include "http/reply.h"
#include "scrape/mutex.h"

namespace exporter {

struct WebSettings {
  std::map<std::string, std::string> headers;
  http::BasicAuth::Users users;  // none: nobody is asked
};

class Guard {
 public:
  // `pages` is called on the HTTP thread, or, for who comes with a password for the first time, on
  // the one that `post` runs. Refusals are counted in `requests`, which must outlive this object.
  Guard(http::Handler pages, http::BasicAuth::Post post, HttpRequestCounters& requests);

  [[nodiscard]] http::Reply Handle(const http::Request& request);
  void Replace(std::shared_ptr<const WebSettings> settings);

 private:
  [[nodiscard]] http::Reply Decide(const http::Request& request, const WebSettings& settings);
  [[nodiscard]] http::Reply Answer(http::BasicAuth::Verdict verdict, const http::Request& request);
  void AnswerTo(const http::Responder& responder, http::BasicAuth::Verdict verdict,
                const http::Request& request);
  [[nodiscard]] std::shared_ptr<const WebSettings> Settings() const;

  const http::Handler pages_;
  HttpRequestCounters& requests_;
  http::BasicAuth auth_;
  mutable scrape::Mutex mutex_;
  std::shared_ptr<const WebSettings> settings_ GUARDED_BY(mutex_);
};

}  // namespace exporter
