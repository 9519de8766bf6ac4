#include "exporter/config/apikey_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

namespace exporter {
namespace {

constexpr std::size_t kMaxLength = 512;

tl::unexpected<std::string> Wrong(std::string why) { return tl::unexpected(std::move(why)); }

// Shells and YAML take quotation marks away; files of secrets and docker's --env-file do not.
bool IsQuoted(std::string_view text) {
  return text.size() > 1 && text.front() == text.back() &&
         (text.front() == '"' || text.front() == '\'');
}

ApiKeyResult TakeAndWipe(std::string& text) {
  ApiKeyResult result = ApiKeyFromText(text);
  scrape::WipeMemory(text.data(), text.size());
  return result;
}

}  // namespace

ApiKeyResult ApiKeyFromText(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(text.ends_with("\r\n") ? 2 : 1);
  if (text.empty()) return Wrong("is empty; 1 to 512 characters are needed");
  if (text.size() > kMaxLength) {
    return Wrong("is longer than an apikey can be (512 characters)");
  }
  if (text.find('\n') != std::string_view::npos) {
    return Wrong(
        "has more than one line, or an empty one; it has to be one apikey and nothing else");
  }
  if (!std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; })) {
    return Wrong("has a space, a line end or another character that is not printable ASCII");
  }
  if (IsQuoted(text)) {
    return Wrong("stands in quotation marks, which would be sent with it; leave them out");
  }
  return scrape::Secret(text);
}

ApiKeyResult ApiKeyFromFile(const std::string& path, const Surroundings& around) {
  constexpr std::size_t kMaxFile = 4096;
  auto content = around.read_file(path, kMaxFile);
  if (!content) return Wrong(fmt::format("{}{}", kUnreadable, content.error()));
  return TakeAndWipe(*content);
}

ApiKeyResult ApiKeyFromVariable(const std::string& name, const Surroundings& around) {
  std::optional<std::string> value = around.variable(name);
  if (!value) return Wrong("is not set");
  return TakeAndWipe(*value);
}

}  // namespace exporter
