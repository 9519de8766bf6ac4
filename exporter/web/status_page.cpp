#include "exporter/web/status_page.h"

#include <memory>
#include <utility>

#include "exporter/metrics/gzip.h"
#include "exporter/status/status.h"
#include "exporter/status/status_json.h"
#include "exporter/web/accept.h"
#include "exporter/web/selection.h"
#include "exporter/web/status_html.h"
#include "exporter/web/status_view.h"
#include "http/plain_text.h"

namespace exporter {
namespace {

// Nothing but our own files, nothing inline, nobody's frame.
constexpr const char* kPolicy =
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; form-action 'self'";

Encoding EncodingFor(const http::Request& request) {
  const bool gzip = AcceptsGzip(request.Header("Accept-Encoding").value_or(""));
  return gzip ? Encoding::kGzip : Encoding::kIdentity;
}

std::string Compressed(const std::string& text) {
  std::string compressed;
  GzipWriter writer(compressed);
  writer.Write(text);
  writer.Finish();
  return compressed;
}

std::shared_ptr<const scrape::Snapshot> Narrowed(const scrape::Snapshot& all,
                                                 const Selection& selection) {
  auto some = std::make_shared<scrape::Snapshot>(all);
  std::erase_if(some->keys,
                [&](const auto& state) { return !selection.keys.contains(state->key->name); });
  return some;
}

}  // namespace

StatusPage::StatusPage(StatusPageOptions options, const scrape::SnapshotStore& store,
                       http::Worker& worker)
    : options_(std::move(options)),
      store_(store),
      worker_(worker),
      html_(Shared(Kind::kHtml, Encoding::kIdentity)),
      html_gzip_(Shared(Kind::kHtml, Encoding::kGzip)),
      json_(Shared(Kind::kJson, Encoding::kIdentity)),
      json_gzip_(Shared(Kind::kJson, Encoding::kGzip)) {}

SharedPage StatusPage::Shared(Kind kind, Encoding encoding) {
  return SharedPage([this, kind, encoding] { return Make(kind, "", encoding, store_.Get()); },
                    options_.clocks.steady, worker_);
}

http::Response StatusPage::Make(Kind kind, const std::string& query, Encoding encoding,
                                std::shared_ptr<const scrape::Snapshot> snapshot) const {
  const scrape::SteadyTime now = options_.clocks.steady();
  const Status status =
      StatusOf(std::move(snapshot),
               {.version = options_.version,
                .now = options_.clocks.system(),
                .steady_now = now,
                .uptime = std::chrono::duration_cast<std::chrono::milliseconds>(now - started_),
                .config_reloaded = options_.config().successful});
  http::Response response;
  std::string body;
  if (kind == Kind::kJson) {
    response.headers = {{"Content-Type", "application/json"}};
    body = StatusJson(status);
  } else {
    response.headers = {{"Content-Type", "text/html; charset=utf-8"},
                        {"Content-Security-Policy", kPolicy},
                        {"Referrer-Policy", "no-referrer"}};
    body = StatusHtml(status, ReadStatusQuery(query), options_.telemetry_path);
  }
  response.headers.emplace_back("Cache-Control", "no-store");
  response.headers.emplace_back("Vary", "Accept-Encoding");
  if (encoding == Encoding::kGzip) {
    response.headers.emplace_back("Content-Encoding", "gzip");
    body = Compressed(body);
  }
  response.body = std::make_shared<const std::string>(std::move(body));
  return response;
}

http::Reply StatusPage::Html(const http::Request& request) {
  const Encoding encoding = EncodingFor(request);
  if (request.query.empty()) {
    return encoding == Encoding::kGzip ? html_gzip_.Answer() : html_.Answer();
  }
  return http::Deferred{[this, query = request.query, encoding](const http::Responder& responder) {
    const bool posted = worker_.Post([this, query, encoding, responder] {
      responder.Answer(Make(Kind::kHtml, query, encoding, store_.Get()));
    });
    if (!posted) responder.Answer(http::Busy());
  }};
}

void StatusPage::Forget() {
  for (SharedPage* page : {&html_, &html_gzip_, &json_, &json_gzip_}) page->Forget();
}

http::Reply StatusPage::Json(const http::Request& request) {
  const Encoding encoding = EncodingFor(request);
  auto selection = ReadSelection(request.query, *store_.Get());
  if (!selection) return std::move(selection).error();
  if (selection->keys.empty()) {
    return encoding == Encoding::kGzip ? json_gzip_.Answer() : json_.Answer();
  }
  return http::Deferred{
      [this, selection = *std::move(selection), encoding](const http::Responder& responder) {
        const bool posted = worker_.Post([this, selection, encoding, responder] {
          responder.Answer(Make(Kind::kJson, "", encoding, Narrowed(*store_.Get(), selection)));
        });
        if (!posted) responder.Answer(http::Busy());
      }};
}

}  // namespace exporter
