#include "scrape/shard.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using scrape::Shard;

namespace {

std::vector<std::string> Names() {
  std::vector<std::string> names;
  for (int i = 0; i < 10'000; ++i) names.push_back("key-" + std::to_string(i));
  return names;
}

int OwnerOf(const std::string& name, int total) {
  int owner = -1;
  int owners = 0;
  for (int i = 0; i < total; ++i) {
    if (!Shard{.index = i, .total = total}.Owns(name)) continue;
    owner = i;
    ++owners;
  }
  CHECK(owners == 1);
  return owner;
}

}  // namespace

TEST_CASE("every key has one shard, and the shards are about equal") {
  for (const int total : {1, 2, 3, 7}) {
    CAPTURE(total);
    std::vector<int> keys(static_cast<std::size_t>(total));
    for (const std::string& name : Names()) ++keys[static_cast<std::size_t>(OwnerOf(name, total))];
    for (const int count : keys) {
      CHECK(count > 9'000 / total);
      CHECK(count < 11'000 / total);
    }
  }
}

TEST_CASE("a fourth shard takes a quarter, and nothing moves between the others") {
  int moved = 0;
  for (const std::string& name : Names()) {
    const int before = OwnerOf(name, 3);
    const int after = OwnerOf(name, 4);
    if (before == after) continue;
    CHECK(after == 3);
    ++moved;
  }
  CHECK(moved > 2'300);
  CHECK(moved < 2'700);
}

// Else a new version would move the keys of everybody.
TEST_CASE("who owns what is the same in every version") {
  CHECK(OwnerOf("production", 3) == 0);
  CHECK(OwnerOf("mail-gateway", 3) == 2);
  CHECK(OwnerOf("eu", 3) == 1);
  CHECK(OwnerOf("", 3) == 0);
}
