#pragma once
// What goes to the log about the HTTP server's own problems: a line when one appears, then every 15
// minutes, as long as it goes on, with the number of times. At most ten different ones are told
// apart at a time; what is beyond shares one line. Thread-safe: every thread of the server has
// problems.

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "scrape/mutex.h"

namespace exporter {

class HttpProblemLog {
 public:
  using Time = std::chrono::steady_clock::time_point;
  explicit HttpProblemLog(std::function<Time()> now = std::chrono::steady_clock::now);

  void Tell(std::string_view problem);

 private:
  struct Entry {
    Time told_at{};
    std::int64_t times = 0;  // since then
    bool told = false;
  };

  const std::function<Time()> now_;
  scrape::Mutex mutex_;
  std::map<std::string, Entry, std::less<>> entries_ GUARDED_BY(mutex_);  // "": all others
};

}  // namespace exporter
