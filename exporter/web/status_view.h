#pragma once
// Which keys the status page shows, in which order, and which page of them:
// "?q=text&show=warning&sort=used&page=2". Pure, any thread.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/status/status.h"

namespace exporter {

enum class StatusShow { kAll, kProblems, kCritical, kWarning, kUnknown, kOk };
enum class StatusSort { kSeverity, kName, kUsed, kRunsOut, kExpires, kAge };

struct StatusQuery {
  std::string text;  // that a key has in its name, labels, host, licence, organisation or state
  StatusShow show = StatusShow::kAll;
  StatusSort sort = StatusSort::kSeverity;
  std::size_t page = 1;
};

// The values of the parameters, and what they are called.
struct StatusChoice {
  std::string_view value;
  std::string_view label;
};
[[nodiscard]] StatusChoice ChoiceOf(StatusShow show);
[[nodiscard]] StatusChoice ChoiceOf(StatusSort sort);

// What is not understood is as if it were not there; a text is cut to 128 bytes.
[[nodiscard]] StatusQuery ReadStatusQuery(std::string_view query);

inline constexpr std::size_t kKeysPerPage = 50;

struct StatusView {
  std::vector<const KeyStatus*> keys;  // of this page
  std::size_t found = 0;               // of all pages
  std::size_t page = 1;                // the last one when there are fewer than asked for
  std::size_t pages = 1;
};

// Points into `status`.
[[nodiscard]] StatusView ViewOf(const Status& status, const StatusQuery& query);

}  // namespace exporter
