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

// Of the scans that are listed: those that are finished, by what the service says of them (the code
// is -1 where it says nothing), and how many are not.
struct ScanTruth {
  std::map<int, std::int64_t> results;
  std::map<int, std::int64_t> dlp;
  std::map<std::string, std::int64_t> sandbox;
  std::map<std::string, std::int64_t> sanitized;
  std::map<std::string, std::int64_t> severities;
  std::int64_t blocked = 0;
  std::int64_t engines = 0;
  std::int64_t detections = 0;
  std::int64_t in_progress = 0;
  SystemTime newest{};  // start; the epoch: there is none
};

struct KeyTruth {
  std::map<std::string, FamilyTruth> families;  // by name: "prevention", ...
  std::int64_t throttling_remaining = 0;
};

}  // namespace simulator
