#include "exporter/web/metrics_page.h"

#include <memory>
#include <string>
#include <utility>

#include "exporter/web/accept_encoding.h"
#include "http/plain_text.h"

namespace exporter {
namespace {

http::Response Page(Encoding encoding, std::shared_ptr<const std::string> body) {
  http::Response response;
  response.headers = {{"Content-Type", "text/plain; version=0.0.4; charset=utf-8"},
                      {"Vary", "Accept-Encoding"}};
  if (encoding == Encoding::kGzip) response.headers.emplace_back("Content-Encoding", "gzip");
  response.body = std::move(body);
  return response;
}

http::Response Busy() {
  http::Response response = http::PlainText(503, "Too many requests are waiting\n");
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

}  // namespace

http::Reply MetricsPage::Answer(const http::Request& request) {
  const bool gzip = AcceptsGzip(request.Header("Accept-Encoding").value_or(""));
  const Encoding encoding = gzip ? Encoding::kGzip : Encoding::kIdentity;
  if (auto body = exposition_.Cached(encoding)) return Page(encoding, std::move(body));
  return http::Deferred{
      [this, encoding](http::Responder responder) { Wait(encoding, std::move(responder)); }};
}

void MetricsPage::Wait(Encoding encoding, http::Responder responder) {
  {
    const scrape::MutexLock lock(mutex_);
    auto& waiting = waiting_[static_cast<std::size_t>(encoding)];
    waiting.push_back(std::move(responder));
    if (waiting.size() > 1) return;
  }
  if (worker_.Post([this, encoding] { Render(encoding); })) return;
  for (const http::Responder& refused : TakeWaiting(encoding)) refused.Answer(Busy());
}

void MetricsPage::Render(Encoding encoding) {
  std::shared_ptr<const std::string> body;
  try {
    body = exposition_.Get(encoding);
  } catch (...) {
    const auto answered_500 = TakeWaiting(encoding);
    throw;
  }
  for (const http::Responder& waiting : TakeWaiting(encoding)) {
    waiting.Answer(Page(encoding, body));
  }
}

std::vector<http::Responder> MetricsPage::TakeWaiting(Encoding encoding) {
  const scrape::MutexLock lock(mutex_);
  return std::exchange(waiting_[static_cast<std::size_t>(encoding)], {});
}

}  // namespace exporter
