#include "tests/e2e/sentinel.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <utility>

namespace test {
namespace {

std::string Base64(const std::string& bytes) {
  static const char* const kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i + 2 < bytes.size();
       i += 3) {  // whole groups only: the rest depends on what follows
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(bytes[at]); };
    const unsigned group = (byte(i) * 65536U) + (byte(i + 1) * 256U) + byte(i + 2);
    for (const int shift : {18, 12, 6, 0}) out += kAlphabet[(group >> shift) & 63U];
  }
  return out;
}

std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

}  // namespace

std::vector<std::string> LeaksOf(const std::string& secret, const std::string& text) {
  std::string percent;
  for (const char c : secret) {
    char escaped[4] = {};
    std::snprintf(escaped, sizeof escaped, "%%%02x", static_cast<unsigned char>(c));
    percent += escaped;
  }
  std::vector<std::string> found;
  if (Lower(text).find(Lower(secret)) != std::string::npos) found.emplace_back("as it is");
  if (Lower(text).find(percent) != std::string::npos) found.emplace_back("percent-encoded");
  // What stands before the secret shifts its base64 form by 0, 1 or 2 bytes; the groups that hold
  // nothing else count.
  for (std::size_t skipped = 0; skipped < 3; ++skipped) {
    if (text.find(Base64(secret.substr(skipped))) != std::string::npos)
      found.emplace_back("in base64");
  }
  return found;
}

}  // namespace test
