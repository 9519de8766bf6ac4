#pragma once
// What goes to the log about whole hosts: pauses with their reason, and keys that wait because too
// many requests were rejected; folded where it comes again and again (LogFold). Owned and used by
// the scrape thread.

#include <memory>
#include <string>
#include <vector>

#include "scrape/log_fold.h"
#include "scrape/schedule/schedule.h"

namespace scrape {

class HostLog {
 public:
  // `keys`: those of the schedule, for their names.
  void Tell(const HostNews& news, const std::string& host,
            const std::vector<std::shared_ptr<const ApiKey>>& keys, SteadyTime now);
  // To be called again and again: tells what was folded.
  void WriteSummaries(SteadyTime now);

 private:
  LogFold fold_;
};

}  // namespace scrape
