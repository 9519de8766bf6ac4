#pragma once
// What people want to know of the keys at one moment: how they are, how much of each quota is left
// and for how long, and what to do about what is wrong. Plain data without a word of HTML, made by
// StatusOf for the page, its JSON and the command line. Absent means not known, never 0.

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scrape/snapshot.h"

namespace exporter {

// From best to worst. kUnknown: nothing is known yet, good or bad.
enum class Severity { kOk, kUnknown, kWarning, kCritical };
inline constexpr std::size_t kSeverityCount = 4;
[[nodiscard]] std::string_view NameOf(Severity severity);

// What may be the matter with a key, what says most first.
enum class Trouble {
  kRejected,          // the service does not accept the apikey
  kHostPaused,        // nothing is asked of its host
  kExpired,           // the licence has ended
  kExhausted,         // nothing is left of a quota
  kFailing,           // collectors failed at their last attempt
  kNearlyExhausted,   // at least 95 % of a quota are used
  kExpiresSoon,       // the licence ends within 14 days
  kHigh,              // at least 80 % of a quota are used
  kRunsOut,           // a quota does not last until its window ends
  kThrottled,         // requests come faster than the licence allows
  kSecretUnreadable,  // the file of the apikey is gone: an older one is in use
  kStale,             // the last good answer is older than three intervals
  kWaiting,           // not asked: too many requests to its host were rejected
  kNotAskedYet,
};
[[nodiscard]] std::string_view NameOf(Trouble trouble);

struct KeyProblem {
  Trouble trouble = Trouble::kNotAskedYet;
  Severity severity = Severity::kUnknown;
  std::string what;                      // a sentence
  std::string_view advice;               // what to do, a sentence; may be empty
  std::string_view api = {};             // of the troubles of one quota
  scrape::CollectorSet collectors = {};  // of the troubles of collectors
};

// One quota of one key. The limit is the one that counts: what the service meters (used and
// remaining), else the organisation's, else the key's own.
struct ApiStatus {
  std::string_view api;
  std::optional<double> used;
  std::optional<double> limit;
  std::optional<double> remaining;  // as the service says, else limit less used
  std::optional<double> share;      // used of limit; may be above 1
  std::optional<bool> entitled;     // false: the licence has nothing of it
  std::optional<scrape::SystemTime> resets_at;
  std::chrono::milliseconds reset_uncertainty{};  // it may be earlier by that
  std::optional<double> used_per_hour;            // since the window opened
  std::optional<scrape::SystemTime> runs_out_at;  // at that pace, whenever the window ends
  bool lasts = false;  // until the window ends, at that pace; meaningful with both times
  Severity severity = Severity::kUnknown;
};

struct CollectorStatus {
  scrape::Collector collector = scrape::Collector::kInfo;
  const scrape::CollectorState* state = nullptr;
  std::optional<std::chrono::milliseconds> age;  // of the last good answer
  std::string_view error;                        // as the label `reason`; empty: none
};

struct ExpiryStatus {
  scrape::Expiration::Kind kind = scrape::Expiration::Kind::kUnknown;
  scrape::SystemTime at;         // of kAt: the earlier one of key and organisation
  bool of_organization = false;  // of kAt
};

struct KeyStatus {
  const scrape::KeyState* state = nullptr;  // of the snapshot
  // Of answers that are still to be shown; null else.
  const scrape::KeyInfo* info = nullptr;
  std::string host;
  Severity severity = Severity::kUnknown;
  std::vector<KeyProblem> problems;         // the worst first; none: all is well
  std::vector<ApiStatus> apis;              // sorted by name
  std::vector<CollectorStatus> collectors;  // those switched on
  ExpiryStatus expiry;
  std::optional<double> throttle_limit;
  std::optional<double> throttle_remaining;

  [[nodiscard]] const std::string& Name() const { return state->key->name; }
};

// What the snapshot does not hold.
struct StatusFacts {
  std::string version;
  scrape::SystemTime now;
  scrape::SteadyTime steady_now;
  std::chrono::milliseconds uptime{};
  bool config_reloaded = true;  // false: the last attempt to load the configuration failed
};

struct Status {
  std::shared_ptr<const scrape::Snapshot> snapshot;  // what the pointers and views point into
  StatusFacts facts;
  std::vector<KeyStatus> keys;  // sorted by name

  // How many keys are so.
  [[nodiscard]] std::size_t Count(Severity severity) const;
};

// Pure, any thread; about 2 us a key.
[[nodiscard]] Status StatusOf(std::shared_ptr<const scrape::Snapshot> snapshot, StatusFacts facts);

}  // namespace exporter
