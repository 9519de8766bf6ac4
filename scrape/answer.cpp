#include "scrape/answer.h"

#include <utility>

#include "scrape/api/decode.h"

namespace scrape {

tl::expected<Answer, ScrapeError> Decode(Collector collector, const HttpAnswer& http,
                                         const ApiKey& key) {
  const DecodeContext context{.secret = key.secret.Reveal(), .nickname = key.nickname_label};
  const auto as_answer = [](auto&& value) { return Answer(std::forward<decltype(value)>(value)); };
  switch (collector) {
    case Collector::kInfo:
      return DecodeInfo(http, context).map(as_answer);
    case Collector::kLimits:
      return DecodeLimits(http, context).map(as_answer);
    case Collector::kStatus:
      return DecodeStatus(http, context).map(as_answer);
    case Collector::kHistory:
      return DecodeHistory(http).map(as_answer);
  }
  return tl::unexpected(ScrapeError{});
}

std::size_t DroppedFamilies(const Answer& answer) {
  if (const auto* info = std::get_if<KeyInfo>(&answer)) {
    return info->entitlement.dropped_families +
           (info->organization ? info->organization->entitlement.dropped_families : 0);
  }
  if (const auto* consumption = std::get_if<Consumption>(&answer))
    return consumption->dropped_families;
  const auto* const remaining = std::get_if<Remaining>(&answer);
  return remaining == nullptr ? 0 : remaining->dropped_families;
}

}  // namespace scrape
