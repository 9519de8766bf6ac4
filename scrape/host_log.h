#pragma once
// What goes to the log about whole hosts: pauses with their reason, and keys that wait because too
// many requests were rejected. Called by the scrape thread.

#include <memory>
#include <string>
#include <vector>

#include "scrape/schedule/schedule.h"

namespace scrape {

// `keys`: those of the schedule, for their names.
void LogHost(const HostNews& news, const std::string& host,
             const std::vector<std::shared_ptr<const ApiKey>>& keys, SteadyTime now);

}  // namespace scrape
