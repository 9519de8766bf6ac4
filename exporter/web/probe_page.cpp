#include "exporter/web/probe_page.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "exporter/web/exposition_answer.h"
#include "exporter/web/selection.h"
#include "http/plain_text.h"
#include "http/query.h"

namespace exporter {
namespace {

using std::chrono::milliseconds;

http::Response Unknown() { return http::PlainText(404, "404 no key of that name is configured\n"); }

// The name of the key when it is there once, else nothing.
std::optional<std::string> KeyOf(const std::string& query) {
  std::optional<std::string> key;
  for (auto& [name, value] : http::ReadQuery(query)) {
    if (name != "key") continue;
    if (key) return std::nullopt;
    key = std::move(value);
  }
  return key;
}

}  // namespace

milliseconds TimeFor(const http::Request& request) {
  constexpr double kDefault = 10;  // Prometheus' own
  constexpr double kWayBack = 0.5;
  constexpr double kLeast = 0.1;
  constexpr double kMost = 120;
  double stated = 0;
  const std::string_view text = request.Header("X-Prometheus-Scrape-Timeout-Seconds").value_or("");
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), stated);
  const bool good = error == std::errc() && end == text.data() + text.size() && stated > 0;
  const double seconds = std::clamp((good ? stated : kDefault) - kWayBack, kLeast, kMost);
  return milliseconds(static_cast<milliseconds::rep>(seconds * 1000));
}

http::Reply ProbePage::Answer(const http::Request& request) {
  std::optional<std::string> key = KeyOf(request.query);
  if (!key) return http::PlainText(400, "400 the name of one key is needed: /probe?key=NAME\n");
  std::shared_ptr<const scrape::KeyState> known = FindKey(*key, *store_.Get());
  if (!known) return Unknown();
  return http::Deferred{[this, variant = PreferredVariant(request), within = TimeFor(request),
                         known = std::move(known)](const http::Responder& responder) {
    Wait(known->key->name, within, {variant, known, responder});
  }};
}

void ProbePage::Wait(const std::string& key, milliseconds within, Asked asked) {
  if (waiting_.fetch_add(1) >= max_waiting_) {
    --waiting_;
    return Finish(std::move(asked));
  }
  ask_(key, within,
       [this, asked = std::move(asked)](const std::shared_ptr<const scrape::KeyState>& state) {
         --waiting_;
         if (!state) return asked.responder.Answer(Unknown());
         Finish({asked.variant, state, asked.responder});
       });
}

void ProbePage::Finish(Asked asked) {
  {
    const scrape::MutexLock lock(mutex_);
    finished_.push_back(std::move(asked));
    if (finished_.size() > 1) return;
  }
  if (worker_.PostAhead([this] { RenderFinished(); })) return;
  for (const Asked& refused : TakeFinished()) refused.responder.Answer(http::Busy());
}

void ProbePage::RenderFinished() {
  std::map<std::pair<const scrape::KeyState*, std::size_t>, std::shared_ptr<const std::string>>
      made;
  for (const Asked& asked : TakeFinished()) {
    auto& body = made[{asked.key.get(), IndexOf(asked.variant)}];
    if (!body) {
      body = std::make_shared<const std::string>(exposition_.OfKey(asked.variant, asked.key));
    }
    asked.responder.Answer(ExpositionAnswer(asked.variant, body));
  }
}

std::vector<ProbePage::Asked> ProbePage::TakeFinished() {
  const scrape::MutexLock lock(mutex_);
  return std::exchange(finished_, {});
}

}  // namespace exporter
