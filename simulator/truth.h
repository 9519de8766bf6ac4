#pragma once
// What the simulated service would say of a key at one moment: what tests compare with. Plain data.

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "simulator/usage.h"

namespace simulator {

struct FamilyTruth {
  std::int64_t limit = 0;
  std::int64_t used = 0;
  std::int64_t remaining = 0;           // limit - used, below 0 past the limit
  std::optional<TimePoint> window_end;  // absent while nothing was used
  std::int64_t total = 0;               // used since the key was added, over all windows
};

struct KeyTruth {
  std::map<std::string, FamilyTruth> families;  // by name: "prevention", ...
  std::int64_t throttling_remaining = 0;
};

}  // namespace simulator
