#pragma once
// What a command of the shell prints, for tests. One thread at a time.

#include <string>

namespace test {

// Its stdout. Throws when it cannot be run; `status`: as wait() has it.
[[nodiscard]] std::string OutputOf(const std::string& command, int* status = nullptr);

}  // namespace test
