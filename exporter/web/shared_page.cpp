#include "exporter/web/shared_page.h"

#include <chrono>
#include <utility>

#include "http/plain_text.h"

namespace exporter {

std::int64_t SharedPage::Second() const {
  return std::chrono::floor<std::chrono::seconds>(clock_().time_since_epoch()).count();
}

http::Reply SharedPage::Answer() {
  const std::int64_t second = Second();
  {
    const scrape::MutexLock lock(mutex_);
    if (made_ && made_in_ == second) return *made_;
  }
  return http::Deferred{[this](http::Responder responder) { Wait(std::move(responder)); }};
}

void SharedPage::Wait(http::Responder responder) {
  {
    const scrape::MutexLock lock(mutex_);
    waiting_.push_back(std::move(responder));
    if (waiting_.size() > 1) return;
  }
  if (worker_.Post([this] { Make(); })) return;
  for (const http::Responder& refused : TakeWaiting()) refused.Answer(http::Busy());
}

void SharedPage::Make() {
  const std::int64_t second = Second();
  std::uint64_t forgotten = 0;
  {
    const scrape::MutexLock lock(mutex_);
    forgotten = forgotten_;
  }
  http::Response response;
  try {
    response = make_();
  } catch (...) {
    const auto answered_500 = TakeWaiting();
    throw;
  }
  {
    const scrape::MutexLock lock(mutex_);
    made_.reset();
    made_in_ = second;
    const bool kept = response.body == nullptr || response.body->size() <= kMaxKeptBytes;
    if (kept && forgotten == forgotten_) made_ = response;
  }
  for (const http::Responder& waiting : TakeWaiting()) waiting.Answer(response);
}

void SharedPage::Forget() {
  const scrape::MutexLock lock(mutex_);
  ++forgotten_;
  made_.reset();
}

std::vector<http::Responder> SharedPage::TakeWaiting() {
  const scrape::MutexLock lock(mutex_);
  return std::exchange(waiting_, {});
}

}  // namespace exporter
