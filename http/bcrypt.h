#pragma once
// Passwords against bcrypt hashes, by libxcrypt. Pure functions, any thread; BcryptMatches takes as
// long as the cost in the hash wants: 50 ms at 10, twice as long with every further step.

#include <optional>
#include <string>
#include <string_view>

namespace http {

// The cost of a hash in the form $2y$10$ and 53 further characters; $2a$ and $2b$ are the same by
// other names. Absent: the text is no such hash, or its cost is not within 4 to 31.
[[nodiscard]] std::optional<int> BcryptCost(std::string_view hash);

// A hash of that cost that belongs to no password, so that an unknown user can be made to wait.
[[nodiscard]] std::string BcryptDecoy(int cost);

// What is longer, or has a NUL in it, is nobody's password. (bcrypt itself looks at 72 bytes.)
inline constexpr std::size_t kMaxBcryptPassword = 511;
[[nodiscard]] bool CanBeBcryptPassword(std::string_view password);

// `hash` must have a cost. What was computed on the way is overwritten.
[[nodiscard]] bool BcryptMatches(std::string_view password, const std::string& hash);

}  // namespace http
