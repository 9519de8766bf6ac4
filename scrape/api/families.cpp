#include "scrape/api/families.h"

#include <algorithm>
#include <map>
#include <string>

namespace scrape {
namespace {

// The family that `member` names; empty when it names none.
std::string_view FamilyOf(std::string_view member, FamilyNaming naming) {
  static constexpr std::string_view kPrefix = "limit_";
  static constexpr std::string_view kSuffix = "_api";
  std::string_view family;
  switch (naming) {
    case FamilyNaming::kLimitPrefix:
      if (member.starts_with(kPrefix)) family = member.substr(kPrefix.size());
      break;
    case FamilyNaming::kApiSuffix:
      if (member == "download_file") family = member;
      if (member.ends_with(kSuffix) && member != "download_file_api")
        family = member.substr(0, member.size() - kSuffix.size());
      break;
  }
  return IsFamilyName(family) && family != "throttling_limit" ? family : std::string_view();
}

bool IsKnown(std::string_view family) {
  return std::find(kKnownFamilies.begin(), kKnownFamilies.end(), family) != kKnownFamilies.end();
}

}  // namespace

std::string_view FamilyOfApi(std::string_view name) {
  return FamilyOf(name, FamilyNaming::kApiSuffix);
}

Families FindFamilies(const JsonObject& object, FamilyNaming naming, const Redactor& redactor) {
  Families found;
  std::map<std::string_view, double> by_family;
  for (const auto& [member, value] : object.Numbers()) {
    const std::string_view family = FamilyOf(member, naming);
    if (family.empty()) continue;
    if (!IsKnown(family) && redactor.Matches(member)) {
      ++found.dropped;
    } else {
      by_family.emplace(family, value);
    }
  }
  std::size_t unknown = 0;
  for (const auto& [family, value] : by_family) {
    if (IsKnown(family) || ++unknown <= kMaxUnknownFamilies) {
      found.values.emplace_back(family, value);
    } else {
      ++found.dropped;
    }
  }
  return found;
}

}  // namespace scrape
