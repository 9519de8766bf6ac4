#pragma once
// Looks for a secret in everything a program lets out: as it is, base64 at any alignment,
// percent-encoded.

#include <string>
#include <vector>

namespace test {

// How `secret` would look in `text`: the forms found, empty when none.
[[nodiscard]] std::vector<std::string> LeaksOf(const std::string& secret, const std::string& text);

}  // namespace test
