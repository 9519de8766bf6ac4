#pragma once
// The keys of the `demo` command: one of each kind that a dashboard should show. Called once, by
// the thread that owns the Cloud.

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "simulator/cloud.h"

namespace simulator {

struct DemoKey {
  std::string name;    // says what is the matter with it
  std::string apikey;  // random
  std::map<std::string, std::string> labels;
  // Of its windows, which no answer tells; 0: as the answers say.
  std::chrono::milliseconds window{0};
  bool with_history = false;  // it has scans
  std::string base_url;
};

// Adds the keys to the service, but for the rejected one, and one to a region of it that has
// blocked this address; returns all that are to be polled.
[[nodiscard]] std::vector<DemoKey> AddDemoKeys(Cloud& cloud, Cloud& blocking_region,
                                               std::uint64_t seed);

}  // namespace simulator
