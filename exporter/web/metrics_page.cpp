#include "exporter/web/metrics_page.h"

#include <memory>
#include <string>
#include <utility>

#include "exporter/web/exposition_answer.h"
#include "exporter/web/selection.h"
#include "http/plain_text.h"

namespace exporter {
http::Reply MetricsPage::Answer(const http::Request& request) {
  const Variant variant = PreferredVariant(request);
  auto selection = ReadSelection(request.query, *store_.Get());
  if (!selection) return std::move(selection).error();
  if (!selection->keys.empty() || !selection->collectors.empty()) {
    return Part(variant, *std::move(selection));
  }
  if (auto body = exposition_.Cached(variant)) return ExpositionAnswer(variant, std::move(body));
  return http::Deferred{
      [this, variant](http::Responder responder) { Wait(variant, std::move(responder)); }};
}

void MetricsPage::Wait(Variant variant, http::Responder responder) {
  {
    const scrape::MutexLock lock(mutex_);
    auto& waiting = waiting_[IndexOf(variant)];
    waiting.push_back(std::move(responder));
    if (waiting.size() > 1) return;
  }
  if (worker_.PostAhead([this, variant] { Render(variant); })) return;
  for (const http::Responder& refused : TakeWaiting(variant)) refused.Answer(http::Busy());
}

void MetricsPage::Render(Variant variant) {
  std::shared_ptr<const std::string> body;
  try {
    body = exposition_.Get(variant);
  } catch (...) {
    const auto answered_500 = TakeWaiting(variant);
    throw;
  }
  for (const http::Responder& waiting : TakeWaiting(variant)) {
    waiting.Answer(ExpositionAnswer(variant, body));
  }
}

http::Reply MetricsPage::Part(Variant variant, Selection selection) {
  return http::Deferred{
      [this, variant, selection = std::move(selection)](const http::Responder& responder) {
        const bool posted = worker_.Post([this, variant, selection, responder] {
          responder.Answer(ExpositionAnswer(
              variant, std::make_shared<const std::string>(exposition_.Part(variant, selection))));
        });
        if (!posted) responder.Answer(http::Busy());
      }};
}

std::vector<http::Responder> MetricsPage::TakeWaiting(Variant variant) {
  const scrape::MutexLock lock(mutex_);
  return std::exchange(waiting_[IndexOf(variant)], {});
}

}  // namespace exporter
