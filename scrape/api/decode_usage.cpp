// /apikey/limits and /apikey/limits/status: the same families, once consumed, once left.

#include <array>
#include <optional>
#include <utility>

#include "scrape/api/classify.h"
#include "scrape/api/decode.h"
#include "scrape/api/families.h"

namespace scrape {
namespace {

constexpr std::array<std::string_view, 6> kLimitsMembers = {
    "reputation_api", "threat_intel_search_api", "prevention_api",
    "feed_api",       "download_file",           "sandbox_api"};
constexpr std::array<std::string_view, 7> kStatusMembers = {
    "reputation_api", "threat_intel_search_api", "prevention_api", "feed_api", "download_file",
    "sandbox_api",    "throttling_limit"};

}  // namespace

tl::expected<Consumption, ScrapeError> DecodeLimits(const HttpAnswer& answer,
                                                    const DecodeContext& context) {
  const auto document = ReadAnswer(answer, kLimitsMembers);
  if (!document) return tl::unexpected(document.error());
  Families families =
      FindFamilies(*document->Root(), FamilyNaming::kApiSuffix, Redactor(context.secret));
  return Consumption{std::move(families.values), families.dropped};
}

tl::expected<Remaining, ScrapeError> DecodeStatus(const HttpAnswer& answer,
                                                  const DecodeContext& context) {
  const auto document = ReadAnswer(answer, kStatusMembers);
  if (!document) return tl::unexpected(document.error());
  const JsonObject root = *document->Root();
  Families families = FindFamilies(root, FamilyNaming::kApiSuffix, Redactor(context.secret));
  return Remaining{std::move(families.values), root.FindNumber("throttling_limit"),
                   families.dropped};
}

}  // namespace scrape
