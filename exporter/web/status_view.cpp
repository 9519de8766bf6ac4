#include "exporter/web/status_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "exporter/metrics/values.h"
#include "http/query.h"

namespace exporter {
namespace {

constexpr std::array kShows = {StatusShow::kAll,     StatusShow::kProblems, StatusShow::kCritical,
                               StatusShow::kWarning, StatusShow::kUnknown,  StatusShow::kOk};
constexpr std::array kSorts = {StatusSort::kSeverity, StatusSort::kName,    StatusSort::kUsed,
                               StatusSort::kRunsOut,  StatusSort::kExpires, StatusSort::kAge};
constexpr std::size_t kMostText = 128;

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// In any case of ASCII letters; `lower` has none in upper case.
bool Contains(std::string_view text, std::string_view lower) {
  const auto same = [](char a, char b) { return Lower(a) == b; };
  return std::search(text.begin(), text.end(), lower.begin(), lower.end(), same) != text.end() ||
         lower.empty();
}

bool Matches(const KeyStatus& key, std::string_view lower) {
  if (lower.empty() || Contains(key.Name(), lower) || Contains(key.host, lower)) return true;
  for (const auto& [name, value] : key.state->key->labels) {
    if (Contains(fmt::format("{}={}", name, value), lower)) return true;
  }
  for (const KeyProblem& problem : key.problems) {
    if (Contains(NameOf(problem.trouble), lower)) return true;
  }
  if (key.info == nullptr) return false;
  if (Contains(key.info->entitlement.license_type, lower)) return true;
  const auto& organization = key.info->organization;
  return organization != nullptr && Contains(organization->organization_id, lower);
}

bool IsShown(Severity severity, StatusShow show) {
  switch (show) {
    case StatusShow::kAll:
      return true;
    case StatusShow::kProblems:
      return severity != Severity::kOk;
    case StatusShow::kCritical:
      return severity == Severity::kCritical;
    case StatusShow::kWarning:
      return severity == Severity::kWarning;
    case StatusShow::kUnknown:
      return severity == Severity::kUnknown;
    case StatusShow::kOk:
      return severity == Severity::kOk;
  }
  return true;
}

constexpr double kLast = std::numeric_limits<double>::max();

// The least comes first; what is not known comes last.
double FullestFirst(const KeyStatus& key) {
  double best = kLast;
  for (const ApiStatus& quota : key.apis) {
    if (quota.share) best = std::min(best, -*quota.share);
  }
  return best;
}

double RankOf(const KeyStatus& key, StatusSort sort) {
  double best = kLast;
  switch (sort) {
    case StatusSort::kName:
      return 0;
    case StatusSort::kSeverity:
      return -static_cast<double>(key.severity);
    case StatusSort::kUsed:
      return FullestFirst(key);
    case StatusSort::kRunsOut:
      for (const ApiStatus& quota : key.apis) {
        if (quota.runs_out_at) best = std::min(best, ToSeconds(*quota.runs_out_at));
      }
      return best;
    case StatusSort::kExpires:
      return key.expiry.kind == scrape::Expiration::Kind::kAt ? ToSeconds(key.expiry.at) : kLast;
    case StatusSort::kAge:
      for (const CollectorStatus& collector : key.collectors) {
        if (collector.age) best = std::min(best, -ToDays(*collector.age));
      }
      return best;
  }
  return best;
}

// Those that sort behind their names are found by them.
template <typename Choices, typename Value>
void Choose(const Choices& choices, std::string_view text, Value& value) {
  for (const Value choice : choices) {
    if (ChoiceOf(choice).value == text) value = choice;
  }
}

}  // namespace

StatusChoice ChoiceOf(StatusShow show) {
  switch (show) {
    case StatusShow::kAll:
      return {"all", "all keys"};
    case StatusShow::kProblems:
      return {"problems", "all but OK"};
    case StatusShow::kCritical:
      return {"critical", "critical"};
    case StatusShow::kWarning:
      return {"warning", "warning"};
    case StatusShow::kUnknown:
      return {"unknown", "unknown"};
    case StatusShow::kOk:
      return {"ok", "OK"};
  }
  return {};
}

StatusChoice ChoiceOf(StatusSort sort) {
  switch (sort) {
    case StatusSort::kSeverity:
      return {"severity", "the worst first"};
    case StatusSort::kName:
      return {"name", "by name"};
    case StatusSort::kUsed:
      return {"used", "the fullest first"};
    case StatusSort::kRunsOut:
      return {"runs_out", "the first to run out"};
    case StatusSort::kExpires:
      return {"expires", "the first to expire"};
    case StatusSort::kAge:
      return {"age", "the oldest data first"};
  }
  return {};
}

StatusQuery ReadStatusQuery(std::string_view query) {
  StatusQuery read;
  for (const auto& [name, value] : http::ReadQuery(query)) {
    if (name == "q") {
      read.text = value.substr(0, kMostText);
    } else if (name == "show") {
      Choose(kShows, value, read.show);
    } else if (name == "sort") {
      Choose(kSorts, value, read.sort);
    } else if (name == "page") {
      std::size_t page = 0;
      const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), page);
      if (error == std::errc() && end == value.data() + value.size() && page > 0) read.page = page;
    }
  }
  return read;
}

StatusView ViewOf(const Status& status, const StatusQuery& query) {
  std::string lower = query.text;
  std::ranges::transform(lower, lower.begin(), Lower);
  struct Found {
    double rank;
    double then;
    const KeyStatus* key;
  };
  std::vector<Found> found;
  for (const KeyStatus& key : status.keys) {
    if (!IsShown(key.severity, query.show) || !Matches(key, lower)) continue;
    const bool by_severity = query.sort == StatusSort::kSeverity;
    found.push_back({RankOf(key, query.sort), by_severity ? FullestFirst(key) : 0, &key});
  }
  // The keys are in the order of their names, which decides between equal ones.
  std::ranges::stable_sort(found, [](const Found& a, const Found& b) {
    return a.rank != b.rank ? a.rank < b.rank : a.then < b.then;
  });
  StatusView view;
  view.found = found.size();
  view.pages = std::max<std::size_t>((found.size() + kKeysPerPage - 1) / kKeysPerPage, 1);
  view.page = std::min(query.page, view.pages);
  const std::size_t first = (view.page - 1) * kKeysPerPage;
  for (std::size_t i = first; i < std::min(first + kKeysPerPage, found.size()); ++i) {
    view.keys.push_back(found[i].key);
  }
  return view;
}

}  // namespace exporter
