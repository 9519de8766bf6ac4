#pragma once
// Which scans of a history are counted: each once, when it is finished, and none that was finished
// before the first round, which only takes note of what there is. Pure, one thread.
//
// The rule that keeps a scan from being counted twice: one that is not known is counted only when
// it began at `floor` or later, and all that began since then and was seen is known. Scans that are
// still in progress are known, however long ago they began, until they are given up. The floor
// follows the newest scan, some time behind it, because scans appear out of order; it moves when a
// round ends, so that a round that fails is made up for by the next one.
//
// All this is by the service's own clock: times are those that it gave the scans, and a scan from
// the future is taken for one of this moment.

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

class ScanLedger {
 public:
  // How far behind the newest scan of a round another one may have begun that is seen later.
  static constexpr std::chrono::minutes kOverlap{15};
  // A scan that is in progress is not followed longer than this behind the newest one.
  static constexpr std::chrono::hours kGiveUpAfter{6};
  // Scans that are known at once.
  static constexpr std::size_t kMaxKnown = 50'000;

  void BeginRound();
  // The pages of a round follow each other from the newest scan on.
  void Take(const ScanHistoryPage& page, SystemTime service_now);
  // `cut_short`: there is more that was not read.
  void EndRound(bool cut_short, SystemTime service_now);
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
    std::uint32_t round = 0;  // seen last
    bool in_progress = false;
  };

  void Take(const ScanEntry& entry, SystemTime service_now);
  void Count(const ScanEntry& entry);
  void ForgetOld();
  void MakeRoom();

  ScanTotals totals_;
  std::unordered_map<std::uint64_t, Known> known_;  // by ScanEntry::id
  std::uint32_t round_ = 0;
  bool noted_ = false;  // the first round has ended
  SystemTime floor_{};  // meaningful once `noted_`
  std::optional<SystemTime> newest_;
  // Of the page and the entry before.
  std::optional<SystemTime> newest_of_page_;
  std::optional<SystemTime> before_;
  std::size_t in_progress_ = 0;
  std::optional<SystemTime> last_scan_;
};

}  // namespace scrape
