#include "http/bcrypt.h"

#include <crypt.h>
#include <fmt/format.h>
#include <gnutls/gnutls.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <stdexcept>

namespace http {
namespace {

constexpr std::size_t kSettingSize = 29;  // "$2y$10$" and 22 characters of salt
constexpr std::size_t kHashSize = 60;
constexpr int kLeastCost = 4;
constexpr int kMostCost = 31;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsBase64(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || IsDigit(c) || c == '.' || c == '/';
}

// libxcrypt's working memory, too large for a stack.
struct Workspace {
  Workspace() = default;
  ~Workspace() {
    gnutls_memset(&data, 0, sizeof data);
    gnutls_memset(password.data(), 0, password.size());
  }
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;
  Workspace(Workspace&&) = delete;
  Workspace& operator=(Workspace&&) = delete;

  crypt_data data = {};
  std::array<char, kMaxBcryptPassword + 1> password = {};  // with its NUL
};

}  // namespace

std::optional<int> BcryptCost(std::string_view hash) {
  const bool prefix = hash.size() == kHashSize && hash.starts_with("$2") &&
                      (hash[2] == 'a' || hash[2] == 'b' || hash[2] == 'y') && hash[3] == '$' &&
                      IsDigit(hash[4]) && IsDigit(hash[5]) && hash[6] == '$';
  if (!prefix || !std::ranges::all_of(hash.substr(7), IsBase64)) return std::nullopt;
  const int cost = (hash[4] - '0') * 10 + (hash[5] - '0');
  return cost >= kLeastCost && cost <= kMostCost ? std::optional(cost) : std::nullopt;
}

std::string BcryptDecoy(int cost) {
  return fmt::format("$2y${:02}${:.>{}}", cost, "", kHashSize - 7);
}

bool CanBeBcryptPassword(std::string_view password) {
  return password.size() <= kMaxBcryptPassword && password.find('\0') == std::string_view::npos;
}

bool BcryptMatches(std::string_view password, const std::string& hash) {
  if (!CanBeBcryptPassword(password)) return false;
  const auto work = std::make_unique<Workspace>();
  std::memcpy(work->password.data(), password.data(), password.size());
  const char* const computed = crypt_r(work->password.data(), hash.c_str(), &work->data);
  if (computed == nullptr || std::strlen(computed) != kHashSize) {
    throw std::runtime_error("libxcrypt does not compute bcrypt");
  }
  // Behind the salt, whose last character has bits that do not count and come out as zero.
  constexpr std::size_t kRest = kHashSize - kSettingSize;
  return gnutls_memcmp(computed + kSettingSize, hash.c_str() + kSettingSize, kRest) == 0;
}

}  // namespace http
