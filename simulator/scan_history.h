#pragma once
// The scans of one apikey: they come, are in progress, end, and are listed page by page, newest
// first, with the oddities that are asked for. Pure but for its own state; the caller serializes.
// All times are those of the service's clock and never go back.

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>

#include "simulator/key_script.h"
#include "simulator/truth.h"

namespace simulator {

struct Scan {
  std::string data_id;
  SystemTime start;
  SystemTime listed;    // from then on
  SystemTime finished;  // SystemTime::max(): never
  int code = 0;         // scan_all_result_i
  std::optional<int> dlp;
  std::string sandbox;  // verdict; empty: no such object
  std::string sanitized;
  std::string severity;
  bool blocked = false;
  int engines = 0;
  int detections = 0;
  // What the entry lacks.
  bool without_progress = false;
  bool without_results = false;  // the start is in there
};

class ScanHistory {
 public:
  ScanHistory(const ScanScript& script, SystemTime now);

  // A scan beside those of the script; its data_id is made here when it is empty.
  void Add(Scan scan);

  struct Page {
    int status = 200;
    std::string body;
  };
  // `query` as sent.
  [[nodiscard]] Page Answer(std::string_view query, SystemTime now);
  [[nodiscard]] ScanTruth Truth(SystemTime now);

 private:
  // Newest first: the place in the list, and what tells scans at one place apart.
  using Place = std::pair<SystemTime, std::string>;
  using Scans = std::map<Place, Scan, std::greater<>>;

  void Advance(SystemTime now);
  [[nodiscard]] Scan Random(SystemTime start);
  [[nodiscard]] double Chance();
  [[nodiscard]] std::chrono::milliseconds UpTo(std::chrono::milliseconds most);
  [[nodiscard]] int Below(int bound) { return static_cast<int>(Chance() * bound); }
  [[nodiscard]] Scans::const_iterator Find(std::string_view cursor) const;

  ScanScript script_;
  std::mt19937_64 random_;
  std::optional<SystemTime> next_;  // scan of the script
  std::optional<SystemTime> end_;   // of its scans
  Scans scans_;
};

}  // namespace simulator
