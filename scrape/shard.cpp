#include "scrape/shard.h"

#include <cstdint>

namespace scrape {
namespace {

// FNV-1a: the same in every build, unlike std::hash. http://www.isthe.com/chongo/tech/comp/fnv/
std::uint64_t HashOf(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3;
  }
  return hash;
}

// The finalizer of splitmix64: each bit of the input changes half of the output's.
std::uint64_t Mixed(std::uint64_t bits) {
  bits ^= bits >> 30;
  bits *= 0xbf58476d1ce4e5b9;
  bits ^= bits >> 27;
  bits *= 0x94d049bb133111eb;
  return bits ^ (bits >> 31);
}

}  // namespace

bool Shard::Owns(std::string_view key_name) const {
  constexpr std::uint64_t kGolden = 0x9e3779b97f4a7c15;
  const std::uint64_t name = HashOf(key_name);
  int winner = 0;
  std::uint64_t highest = 0;
  for (int i = 0; i < total; ++i) {
    const std::uint64_t weight = Mixed(name + kGolden * (static_cast<std::uint64_t>(i) + 1));
    if (i > 0 && weight <= highest) continue;
    winner = i;
    highest = weight;
  }
  return winner == index;
}

}  // namespace scrape
