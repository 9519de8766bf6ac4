#pragma once
// Reads the scan history of one key, page by page: what the next request asks for, when a round has
// ended, and what came out of it. Pure (times come in as parameters), one thread.

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "scrape/api/scan_history.h"
#include "scrape/history/history_bounds.h"
#include "scrape/history/scan_ledger.h"
#include "scrape/schedule/steady_time.h"

namespace scrape {

// What is published of a history. The totals stay for good, the rest is of the last round.
struct ScanHistory {
  ScanTotals totals;
  std::size_t in_progress = 0;
  std::optional<SystemTime> last_scan;
  bool truncated = false;  // something was left unread
};

// What a round ended at before the end of the history.
enum class HistoryCut { kPages, kBytes, kDuration, kMemory, kCursor };

class ScanHistoryReader {
 public:
  struct Request {
    std::vector<std::pair<std::string, std::string>> query;  // not encoded yet
    std::size_t max_bytes = 0;                               // of the answer
  };
  // `now` is of a clock that goes as fast as the requests.
  [[nodiscard]] Request Next(const HistoryBounds& bounds, SteadyTime now);

  struct Arrival {
    std::size_t bytes = 0;
    std::chrono::duration<double> took{};  // waiting for the caps is not in it
    SystemTime service_now;
  };
  // True: the round goes on with another page. One that Next did not ask for, since ForgetAccount
  // came between, tells nothing.
  [[nodiscard]] bool Take(const ScanHistoryPage& page, const Arrival& arrival,
                          const HistoryBounds& bounds);
  // The page was larger than what was left of max_bytes. False: it was the first one, so that
  // nothing was read.
  [[nodiscard]] bool TooLarge(SystemTime service_now);
  // The request failed: the next one begins a round.
  void Abandon();
  // Another account, or a time without looking: what was counted stays.
  void ForgetAccount();

  // Null before the end of the first round ever.
  [[nodiscard]] const std::shared_ptr<const ScanHistory>& Published() const { return published_; }
  // Of the last round.
  [[nodiscard]] std::optional<HistoryCut> Cut() const { return cut_; }

 private:
  [[nodiscard]] std::optional<HistoryCut> CutAt(const ScanHistoryPage& page,
                                                const HistoryBounds& bounds);
  void End(std::optional<HistoryCut> cut, SystemTime service_now);
  void Publish();

  ScanLedger ledger_;
  bool asked_ = false;  // a page is on its way
  // The round that is under way; no pages: none is.
  int pages_ = 0;
  std::size_t bytes_ = 0;
  SteadyTime began_{};
  std::chrono::duration<double> took_{};  // its requests
  std::string cursor_;
  std::set<std::size_t> cursors_;  // hashes of those that were followed

  std::optional<HistoryCut> cut_;
  std::shared_ptr<const ScanHistory> published_;
};

}  // namespace scrape
