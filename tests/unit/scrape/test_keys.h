#pragma once
// Configured keys for unit tests.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "scrape/api_key.h"

namespace test {

inline std::shared_ptr<const scrape::ApiKey> Key(
    const std::string& name,
    const std::function<void(scrape::ApiKey&)>& change = [](scrape::ApiKey&) {}) {
  auto key = std::make_shared<scrape::ApiKey>();
  key->name = name;
  key->secret = scrape::Secret("00000000000000000000000000" + name);
  key->base_url = "https://api.example.com/v4";
  change(*key);
  return key;
}

// key-00000, key-00001, ...
inline std::vector<std::shared_ptr<const scrape::ApiKey>> Keys(
    int count, const std::function<void(scrape::ApiKey&)>& change = [](scrape::ApiKey&) {}) {
  std::vector<std::shared_ptr<const scrape::ApiKey>> keys;
  for (int i = 0; i < count; ++i) {
    const std::string number = std::to_string(i);
    keys.push_back(Key("key-" + std::string(5 - number.size(), '0') + number, change));
  }
  return keys;
}

}  // namespace test
