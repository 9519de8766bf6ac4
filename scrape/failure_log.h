#pragma once
// What goes to the log about failing collectors: a line when the reason of a collector changes,
// again every 15 minutes with the number of failures while it lasts, and one when it has recovered.
// Owned and used by the scrape thread.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "scrape/schedule/schedule.h"

namespace scrape {

class FailureLog {
 public:
  // `retry_in` is absent when another collector asks for the key.
  void Failed(Task task, const std::string& key_name, const ScrapeError& error, SteadyTime now,
              std::optional<std::chrono::milliseconds> retry_in);
  void Succeeded(Task task, const std::string& key_name);
  // The key is gone, or is another one: its index may be used again.
  void Forget(std::size_t key);
  // More unknown API families than are exported: said once per collector of a key.
  void Dropped(Task task, const std::string& key_name, std::size_t families);

 private:
  struct Entry {
    Reason reason = Reason::kTransport;
    SteadyTime logged{};
    std::int64_t failures = 0;  // since the last line
  };
  std::map<Task, Entry> failing_;
  std::set<Task> dropped_;
};

}  // namespace scrape
