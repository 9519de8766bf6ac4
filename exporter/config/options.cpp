#include "exporter/config/options.h"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <utility>

namespace exporter {
namespace {

// Levenshtein's distance.
std::size_t Distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, diagonal + 1, row[j] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string_view NameOf(Section section) {
  switch (section) {
    case Section::kTop:
      return "";
    case Section::kGlobal:
      return "global";
    case Section::kTls:
      return "global.tls_config";
    case Section::kKey:
      return "keys[]";
    case Section::kKeyTls:
      return "keys[].tls_config";
    case Section::kKeyDirectory:
      return "key_directories[]";
    case Section::kKeyDirectoryTls:
      return "key_directories[].tls_config";
  }
  return "";
}

std::vector<std::string_view> NamesIn(Section section) {
  std::vector<std::string_view> names;
  for (const Option& option : kOptions) {
    if (option.section == section) names.push_back(option.name);
  }
  return names;
}

std::string_view NearestName(std::string_view name, const std::vector<std::string_view>& allowed) {
  constexpr std::size_t kLongestName = 40;
  if (name.size() > kLongestName) return "";
  std::string_view nearest;
  std::size_t nearest_distance = 2 + name.size() / 6;  // a slip in about six letters
  for (const std::string_view candidate : allowed) {
    const std::size_t distance = Distance(name, candidate);
    if (distance < nearest_distance) {
      nearest = candidate;
      nearest_distance = distance;
    }
  }
  return nearest;
}

}  // namespace exporter
