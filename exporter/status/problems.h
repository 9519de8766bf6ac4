#pragma once
// What is the matter with a key, in words, and what to do about it. Pure, any thread.

#include <string_view>
#include <vector>

#include "exporter/status/status.h"
#include "scrape/api/scrape_error.h"

namespace exporter {

struct ReasonWords {
  std::string_view what;    // the beginning of a sentence, without its full stop
  std::string_view advice;  // a sentence
};
[[nodiscard]] ReasonWords WordsOf(scrape::Reason reason);

// Of a key whose other members are filled in; the worst first.
[[nodiscard]] std::vector<KeyProblem> ProblemsOf(const KeyStatus& key, bool host_paused,
                                                 scrape::SystemTime now);

}  // namespace exporter
