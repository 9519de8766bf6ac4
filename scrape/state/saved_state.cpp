#include "scrape/state/saved_state.h"

#include <fmt/format.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <stdexcept>

#include "scrape/state/fields.h"

namespace scrape {
namespace {

constexpr std::string_view kMagic = "mdcloud_exporter state ";
constexpr std::string_view kVersion = "1";
constexpr std::size_t kHashBytes = 32;  // SHA-256
constexpr std::size_t kSaltBytes = 16;

std::string Hex(const unsigned char* bytes, std::size_t size) {
  std::string text;
  text.reserve(2 * size);
  for (std::size_t i = 0; i < size; ++i) text += fmt::format("{:02x}", bytes[i]);
  return text;
}

std::string Checksum(std::string_view body) {
  std::array<unsigned char, kHashBytes> hash{};
  if (gnutls_hash_fast(GNUTLS_DIG_SHA256, body.data(), body.size(), hash.data()) != 0) {
    throw std::runtime_error("SHA-256 is not to be had");
  }
  return Hex(hash.data(), hash.size());
}

// Takes what comes before `end` off the front; absent when there is no `end`.
std::optional<std::string_view> Take(std::string_view& text, char end) {
  const std::size_t at = text.find(end);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view taken = text.substr(0, at);
  text.remove_prefix(at + 1);
  return taken;
}

}  // namespace

std::string NewSalt() {
  std::array<unsigned char, kSaltBytes> salt{};
  if (gnutls_rnd(GNUTLS_RND_NONCE, salt.data(), salt.size()) != 0) {
    throw std::runtime_error("random numbers are not to be had");
  }
  return Hex(salt.data(), salt.size());
}

std::string MarkOf(const Secret& secret, std::string_view salt) {
  std::array<unsigned char, kHashBytes> hash{};
  const std::string_view text = secret.Reveal();
  if (gnutls_hmac_fast(GNUTLS_MAC_SHA256, salt.data(), salt.size(), text.data(), text.size(),
                       hash.data()) != 0) {
    throw std::runtime_error("HMAC-SHA-256 is not to be had");
  }
  return Hex(hash.data(), hash.size());
}

std::string SealState(std::string_view body) {
  return fmt::format("{}{} {}\n{}\n", kMagic, kVersion, Checksum(body), body);
}

tl::expected<SavedState, std::string> ReadState(std::string_view text, Moment now) {
  const auto wrong = [](std::string what) { return tl::unexpected(std::move(what)); };
  if (!text.starts_with(kMagic)) return wrong("was not written by mdcloud_exporter");
  text.remove_prefix(kMagic.size());
  const auto version = Take(text, ' ');
  if (!version || version->empty() || version->size() > 8) return wrong("is damaged");
  if (*version != kVersion) {
    return wrong(
        fmt::format("is of another version ({}) than this program's ({})", *version, kVersion));
  }
  const auto checksum = Take(text, '\n');
  if (!checksum || !text.ends_with('\n')) return wrong("is damaged: it is cut off");
  text.remove_suffix(1);
  if (*checksum != Checksum(text)) return wrong("is damaged: its checksum does not match");

  const auto document = JsonDocument::Parse(text);
  const auto root = document ? document->Root() : std::nullopt;
  if (!root) return wrong("is damaged: it is not JSON");
  bool broken = false;
  SystemTime written_at;
  StateReader(*root, now, broken)("written_at", written_at);
  // Where the clock was set back meanwhile, no time has passed.
  const Moment epoch{.steady = now.steady, .system = std::max(now.system, written_at)};
  SavedState state;
  StateReader reader(*root, epoch, broken);
  reader("salt", state.salt);
  reader("keys", state.keys);
  reader("hosts", state.hosts);
  const bool sound = !broken && !state.salt.empty() &&
                     std::all_of(state.keys.begin(), state.keys.end(), [now](const SavedKey& key) {
                       return key.windows.Sound(now.steady);
                     });
  if (!sound) return wrong("is damaged: it says what cannot be");
  return state;
}

}  // namespace scrape
