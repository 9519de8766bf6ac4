#pragma once
// One moment of everything that is known: what the scrape thread publishes and the HTTP side
// renders. Immutable once published; any thread may read it.

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "scrape/api/collector.h"
#include "scrape/api/quota.h"
#include "scrape/api/scrape_error.h"
#include "scrape/api_key.h"
#include "scrape/history/scan_history_reader.h"
#include "scrape/quota_window_state.h"
#include "scrape/schedule/steady_time.h"

namespace scrape {

// One collector of one key.
struct CollectorState {
  bool enabled = false;
  bool attempted = false;                    // at least one attempt ended
  bool paused = false;                       // not asked at present; `success` is 0 then
  std::optional<Reason> failure;             // of the last attempt, when it failed
  std::chrono::duration<double> duration{};  // of the last attempt
  std::optional<double>
      api_response_time_seconds;  // the service's own X-Response-Time, last answer that had it
  std::optional<SystemTime> last_success;
  std::chrono::duration<double> interval{};  // really kept (stretched)
  std::optional<SystemTime> next_attempt;
  SteadyTime keep_until{};  // the data below is exported before this moment only
};

struct KeyState {
  std::shared_ptr<const ApiKey> key;
  std::array<CollectorState, kCollectorCount> collectors;
  std::optional<bool> valid;  // absent before the first verdict
  bool stopped = false;       // rejected: quota and throttle series are not exported
  bool throttled = false;     // the last round met a 429001
  // Last good answers; null before the first one. Subject to keep_until of their collector.
  std::shared_ptr<const KeyInfo> info;
  std::shared_ptr<const Consumption> limits;
  std::shared_ptr<const Remaining> status;
  // Null before the first answer of `limits`. What it has counted stays for good; windows and
  // resets are subject to keep_until of `limits`.
  std::shared_ptr<const QuotaWindowStates> windows;
  // Null before the first round of `history`, and while it is switched off. What it has counted
  // stays for good; the rest is subject to keep_until of `history`.
  std::shared_ptr<const ScanHistory> history;
};

// Upper bounds, in seconds, of mdcloud_client_request_duration_seconds; +Inf follows.
inline constexpr std::array kDurationBuckets = {0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0};

// Requests of one collector over all keys, since the start.
struct ClientCounters {
  std::uint64_t requests = 0;
  std::array<std::uint64_t, kReasonCount> failures{};
  std::array<std::uint64_t, kDurationBuckets.size() + 1> duration_buckets{};  // not cumulative
  double duration_sum_seconds = 0;
};

// One host of the service.
struct HostState {
  std::string name;              // with the port when it is not the scheme's own
  bool paused = false;           // nothing is asked of it
  std::size_t keys_waiting = 0;  // not asked because the budget of rejected requests is spent
};

struct Snapshot {
  std::vector<std::shared_ptr<const KeyState>>
      keys;  // sorted by key->name; unchanged elements are shared
  std::array<ClientCounters, kCollectorCount> client;
  std::vector<HostState> hosts;                       // sorted by name
  std::optional<std::uint64_t> state_write_failures;  // absent: no state is kept
  bool first_round_attempted = false;                 // every key was asked at least once
};

}  // namespace scrape
