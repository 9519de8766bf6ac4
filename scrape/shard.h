#pragma once
// Which of several processes that share one configuration asks for a key. Pure, any thread.

#include <string_view>

namespace scrape {

struct Shard {
  int index = 0;  // from 0
  int total = 1;

  // Every key belongs to one shard: the one that wins rendezvous hashing of its name. When `total`
  // changes by one, only the keys move that the shard that comes gets, or the one that goes had.
  [[nodiscard]] bool Owns(std::string_view key_name) const;
};

}  // namespace scrape
