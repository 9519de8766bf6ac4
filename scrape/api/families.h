#pragma once
// The numbers per API family in one object of an answer. Pure, any thread.

#include <array>
#include <cstddef>
#include <string_view>

#include "scrape/api/json.h"
#include "scrape/api/label_text.h"
#include "scrape/api/quota.h"

namespace scrape {

inline constexpr std::array<std::string_view, 6> kKnownFamilies = {
    "prevention", "reputation", "sandbox", "feed", "threat_intel_search", "download_file"};
inline constexpr std::size_t kMaxUnknownFamilies = 8;

// How the members of an object name their family.
enum class FamilyNaming {
  kLimitPrefix,  // limit_<family>: /apikey/ and its organization
  kApiSuffix,    // <family>_api, and download_file: /apikey/limits and /apikey/limits/status
};

struct Families {
  ApiValues values;
  // Unknown ones beyond the first kMaxUnknownFamilies in alphabetical order (of the document's
  // order the set would depend from answer to answer), and those whose name holds a secret.
  std::size_t dropped = 0;
};

// The family that `name` stands for in /apikey/limits and in X-RateLimit-For ("reputation_api"):
// empty when it names none.
[[nodiscard]] std::string_view FamilyOfApi(std::string_view name);

[[nodiscard]] Families FindFamilies(const JsonObject& object, FamilyNaming naming,
                                    const Redactor& redactor);

}  // namespace scrape
