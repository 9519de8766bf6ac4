#pragma once
// A quota as the service really counts it, with all of its past: what a replica that lags behind
// answers with. Time is the world's own, in milliseconds from its beginning.

#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

#include "scrape/api/quota.h"

namespace test {

using WorldTime = std::chrono::milliseconds;

class QuotaTruth {
 public:
  // Opens at the first use and ends `length` later.
  explicit QuotaTruth(std::chrono::milliseconds length) : length_(length) {}
  // A UTC month, whatever is used; the world begins at `epoch`.
  explicit QuotaTruth(scrape::SystemTime epoch) : epoch_(epoch) {}

  // Both in the order of time.
  void Use(double amount, WorldTime now);
  void Advance(WorldTime now);

  [[nodiscard]] double UsedAt(WorldTime time) const;
  [[nodiscard]] int WindowAt(WorldTime time) const;  // counted from 0
  [[nodiscard]] double Total() const { return total_; }
  // Of the window that is open.
  [[nodiscard]] std::optional<WorldTime> End() const { return end_; }
  [[nodiscard]] std::optional<WorldTime> LastEnd() const { return last_end_; }

 private:
  struct Entry {
    WorldTime since;
    double used;
    int window;
  };
  [[nodiscard]] const Entry& EntryAt(WorldTime time) const;
  [[nodiscard]] WorldTime EndOfMonth(WorldTime time) const;

  std::chrono::milliseconds length_{};
  std::optional<scrape::SystemTime> epoch_;
  std::vector<Entry> past_ = {{WorldTime(0), 0, 0}};
  std::optional<WorldTime> end_;
  std::optional<WorldTime> last_end_;
  double total_ = 0;
};

}  // namespace test
