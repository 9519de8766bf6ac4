#pragma once
// `promtool check metrics` (Debian's package prometheus) for tests. One thread at a time.

#include <set>
#include <string>

namespace test {

// The lines it prints about an exposition; empty: nothing to say. Throws when it cannot be run.
[[nodiscard]] std::set<std::string> PromtoolFindings(const std::string& exposition);

}  // namespace test
