#include "exporter/web/routes.h"

#include <string_view>
#include <utility>
#include <variant>

#include "exporter/web/assets.h"
#include "exporter/web/service_discovery.h"
#include "http/plain_text.h"

namespace exporter {
namespace {

using http::PlainText;

// A vendor that does not answer must not keep the exporter out of service for ever.
constexpr std::chrono::seconds kReadyAnyway{30};

http::Response NotAllowed(std::string_view allowed) {
  http::Response response = PlainText(405, "405 method not allowed\n");
  response.headers.emplace_back("Allow", allowed);
  return response;
}

http::Response Outcome(const ReloadResult& result) {
  if (result) return PlainText(200, "");
  std::string text = "The configuration was not reloaded; the one in force stays:\n";
  for (const std::string& problem : result.error()) text += problem + '\n';
  return PlainText(500, std::move(text));
}

}  // namespace

Routes::Routes(RoutesOptions options, ExpositionCache& exposition, HttpRequestCounters& requests,
               const scrape::SnapshotStore& store, http::Worker& worker,
               std::function<bool()> alive)
    : options_(std::move(options)),
      metrics_(exposition, store, worker),
      probe_(options_.ask, exposition, store, worker, options_.max_waiting_probes),
      config_(options_.config, worker),
      status_({.version = options_.version,
               .telemetry_path = options_.telemetry_path,
               .config = options_.config_load},
              store, worker),
      requests_(requests),
      store_(store),
      worker_(worker),
      alive_(std::move(alive)) {}

http::Reply Routes::Handle(const http::Request& request) {
  return CountedAnswer(PageAt(request.path), request);
}

http::Reply Routes::HandleProbe(const http::Request& request) {
  const Page page = PageAt(request.path);
  const bool health = page == Page::kHealthy || page == Page::kReady;
  return CountedAnswer(health ? page : Page::kNone, request);
}

http::Reply Routes::CountedAnswer(Page page, const http::Request& request) {
  http::Reply reply = Answer(page, request);
  // Without `this`: a responder may be the last to go.
  const auto count = [name = NameOf(page), &requests = requests_](const http::Response& response) {
    requests.Count(name, response.status);
  };
  if (const auto* const response = std::get_if<http::Response>(&reply)) {
    count(*response);
    return reply;
  }
  return http::Deferred{[count, start = std::get<http::Deferred>(std::move(reply)).start](
                            const http::Responder& responder) {
    start(http::Responder([count, responder](http::Response response) {
      count(response);
      responder.Answer(std::move(response));
    }));
  }};
}

Routes::Page Routes::PageAt(const std::string& path) const {
  if (path == options_.telemetry_path) return Page::kMetrics;
  if (path == "/probe") return Page::kProbe;
  if (path == "/sd") return Page::kServiceDiscovery;
  if (path == "/-/healthy" || path == "/healthz" || path == "/livez") return Page::kHealthy;
  if (path == "/-/ready" || path == "/readyz") return Page::kReady;
  if (path == "/-/reload") return Page::kReload;
  if (path == "/config") return Page::kConfig;
  if (path == "/") return Page::kStatus;
  if (path == "/api/v1/status") return Page::kStatusJson;
  if (path.starts_with(kAssetsPath)) return Page::kAssets;
  return Page::kNone;
}

std::string Routes::NameOf(Page page) const {
  switch (page) {
    case Page::kMetrics:
      return options_.telemetry_path;
    case Page::kProbe:
      return "/probe";
    case Page::kServiceDiscovery:
      return "/sd";
    case Page::kHealthy:
      return "/-/healthy";
    case Page::kReady:
      return "/-/ready";
    case Page::kReload:
      return "/-/reload";
    case Page::kConfig:
      return "/config";
    case Page::kStatus:
      return "/";
    case Page::kStatusJson:
      return "/api/v1/status";
    case Page::kAssets:
      return std::string(kAssetsPath);
    case Page::kNone:
      return "other";
  }
  return "other";
}

http::Reply Routes::Answer(Page page, const http::Request& request) {
  if (page == Page::kNone) return PlainText(404, "404 page not found\n");
  if (page == Page::kReload) {
    const bool allowed = request.method == "POST" || request.method == "PUT";
    return allowed ? Reload() : NotAllowed("POST, PUT");
  }
  if (request.method != "GET" && request.method != "HEAD") return NotAllowed("GET, HEAD");
  switch (page) {
    case Page::kMetrics:
      return metrics_.Answer(request);
    case Page::kProbe:
      return probe_.Answer(request);
    case Page::kServiceDiscovery:
      return ServiceDiscovery(request);
    case Page::kHealthy:
      return alive_() ? PlainText(200, "Healthy\n") : PlainText(503, "The scrape loop hangs\n");
    case Page::kReady:
      return Ready() ? PlainText(200, "Ready\n") : PlainText(503, "Not ready\n");
    case Page::kConfig:
      return config_.Answer();
    case Page::kStatus:
      return status_.Html(request);
    case Page::kStatusJson:
      return status_.Json(request);
    case Page::kAssets:
      return AnswerAsset(request).value_or(PlainText(404, "404 page not found\n"));
    case Page::kReload:
    case Page::kNone:
      break;
  }
  return PlainText(404, "404 page not found\n");
}

http::Reply Routes::Reload() const {
  if (!options_.reload) {
    return PlainText(403, "/-/reload is switched off; --web.enable-lifecycle switches it on\n");
  }
  return http::Deferred{[this](http::Responder responder) {
    options_.reload([responder = std::move(responder)](const ReloadResult& result) {
      responder.Answer(Outcome(result));
    });
  }};
}

// By the worker: 10,000 keys are 2 MB.
http::Reply Routes::ServiceDiscovery(const http::Request& request) {
  return http::Deferred{[this, request](const http::Responder& responder) {
    const bool posted = worker_.Post([this, request, responder] {
      responder.Answer(exporter::ServiceDiscovery(*store_.Get(), options_.external_url, request));
    });
    if (!posted) responder.Answer(http::Busy());
  }};
}

bool Routes::Ready() const {
  if (stopping_) return false;
  return store_.Get()->first_round_attempted ||
         std::chrono::steady_clock::now() - started_ >= kReadyAnyway;
}

}  // namespace exporter
