#pragma once
// What goes to the log about failing collectors: a line when the reason of a collector changes,
// again every 15 minutes with the number of failures while it lasts, and one when it has recovered;
// at most four changes of a collector in 15 minutes, and what many keys of a host have in common is
// folded into a line of its own (LogFold). Owned and used by the scrape thread.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>

#include "scrape/history/scan_history_reader.h"
#include "scrape/log_fold.h"
#include "scrape/schedule/schedule.h"

namespace scrape {

class FailureLog {
 public:
  // `retry_in` is absent when another collector asks for the key, or when nothing is known of it
  // because the host is held.
  struct Retry {
    std::optional<std::chrono::milliseconds> in;
    bool host_held = false;
  };
  void Failed(Task task, const ApiKey& key, const ScrapeError& error, SteadyTime now,
              const Retry& retry);
  void Succeeded(Task task, const ApiKey& key, SteadyTime now);
  // The key is gone, or is another one: its index may be used again.
  void Forget(std::size_t key);
  // More unknown API families than are exported: said once per collector of a key.
  void Dropped(Task task, const ApiKey& key, std::size_t families, SteadyTime now);
  // Of a round of the scan history that succeeded; absent: it was read to its end.
  void CutShort(Task task, const ApiKey& key, std::optional<HistoryCut> cut, SteadyTime now);
  // To be called again and again: tells what was folded.
  void WriteSummaries(SteadyTime now);

 private:
  struct Entry {
    std::optional<Reason> told;  // absent: that all is well
    SteadyTime told_at{};
    SteadyTime window_end{};
    int changes = 0;            // told in this window
    std::int64_t failures = 0;  // since the last line
  };
  static bool MayTellChange(Entry& entry, SteadyTime now);

  std::map<Task, Entry> entries_;
  std::set<Task> dropped_;
  std::map<Task, SteadyTime> cut_short_;  // when that was told
  LogFold fold_;
};

}  // namespace scrape
