#pragma once
// Which scans of a history are counted: each once, when it is finished, and none that was finished
// before the first round, which only takes note of what there is. Pure, one thread.
//
// The rule that keeps a scan from being counted twice: one that is not known is counted only when
// it began at `floor` or later, and all that began since then and was counted is known. When a scan
// began is what the service says, unchanged, so that it is the same each time. The floor follows
// the newest scan, some time behind it, because scans appear out of order; it moves when a round
// ends, so that a round that fails is made up for by the next one. Scans that are still in progress
// are known, however long ago they began, until they are given up.
//
// A scan without a time, or with one that cannot be, began when its neighbour in the list did,
// which may be another time in the next round: such a scan stays known until it was not listed for
// long.

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>

#include "scrape/api/scan_history.h"

namespace scrape {

struct ScanTotals {
  std::array<std::uint64_t, kScanResults.size()> results{};
  std::array<std::uint64_t, kDlpVerdicts.size()> dlp{};
  std::array<std::uint64_t, kSandboxVerdicts.size()> sandbox{};
  std::array<std::uint64_t, kSanitizationResults.size()> sanitizations{};
  std::array<std::uint64_t, kVulnerabilitySeverities.size()> vulnerabilities{};
  std::uint64_t blocked = 0;
  std::uint64_t engine_detections = 0;
  std::uint64_t engines = 0;
};

// `service_now` below is what the service's clock shows, as far as that is known: nothing that
// comes from it makes a scan count twice.
class ScanLedger {
 public:
  // How far behind the newest scan of a round another one may have begun that is seen later.
  static constexpr std::chrono::minutes kOverlap{15};
  // A scan that is in progress is not followed longer than this behind the newest one; one without
  // a time is known so long after it was last listed.
  static constexpr std::chrono::hours kGiveUpAfter{6};
  // Scans that are known at once. What does not find room is not counted before it does.
  static constexpr std::size_t kMaxKnown = 50'000;

  void BeginRound();
  // The pages of a round follow each other from the newest scan on.
  void Take(const ScanHistoryPage& page, SystemTime service_now);
  // `cut_short`: there is more that was not read. True: what was read is missing something, too.
  [[nodiscard]] bool EndRound(bool cut_short, SystemTime service_now);
  // Another account: nothing is known of its scans. What was counted stays.
  void ForgetAccount();

  // Everything in the last page began before what is of interest, and so did what follows.
  [[nodiscard]] bool IsPast() const;
  [[nodiscard]] bool IsFull() const { return known_.size() >= kMaxKnown; }
  // Where the history of interest begins; absent before the end of the first round.
  [[nodiscard]] std::optional<SystemTime> Since() const;

  [[nodiscard]] const ScanTotals& Totals() const { return totals_; }
  // Of the last round.
  [[nodiscard]] std::size_t InProgress() const { return in_progress_; }
  // When the newest scan began; absent when there is none.
  [[nodiscard]] std::optional<SystemTime> LastScan() const { return last_scan_; }

 private:
  struct Known {
    SystemTime began;
    SystemTime seen;          // last, by the service's clock
    std::uint32_t round = 0;  // seen last
    bool dated = false;       // by the service, from the first
    bool in_progress = false;
  };

  void Take(const ScanEntry& entry, SystemTime service_now);
  void Count(const ScanEntry& entry);
  // False: what there was before cannot be told from what comes.
  [[nodiscard]] bool SetFirstFloor(bool cut_short, SystemTime service_now);
  void ForgetOld(SystemTime service_now);

  ScanTotals totals_;
  std::unordered_map<std::uint64_t, Known> known_;  // by ScanEntry::id
  bool noted_ = false;                              // the first round has ended
  SystemTime floor_{};                              // meaningful once `noted_`
  std::optional<SystemTime> newest_;                // not later than its service_now
  std::size_t in_progress_ = 0;
  std::optional<SystemTime> last_scan_;

  // Of this round.
  std::uint32_t round_ = 0;
  bool any_dated_ = false;
  bool any_undated_ = false;
  bool overflowed_ = false;
  std::optional<SystemTime> newest_of_page_;
  std::optional<SystemTime> before_;  // when the entry before began
};

}  // namespace scrape
