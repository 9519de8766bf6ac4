#include "exporter/config/options.h"

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace exporter {
namespace {

// How many letters are to be put in, left out or changed; two neighbours that have changed places
// are one.
std::size_t Distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> rows(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  std::iota(rows[0].begin(), rows[0].end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    rows[i][0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = rows[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      rows[i][j] = std::min({changed, rows[i - 1][j] + 1, rows[i][j - 1] + 1});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) rows[i][j] = std::min(rows[i][j], rows[i - 2][j - 2] + 1);
    }
  }
  return rows.back().back();
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
    case Section::kHistory:
      return "history";
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
