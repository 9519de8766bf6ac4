#pragma once
// How long to wait after what the service answered: pure functions, any thread.

#include <chrono>

namespace scrape {

// Pause before a rejected apikey is asked again; `rejections` counts those in a row, from 1. A key
// that was accepted earlier in this process comes back sooner: then the rejection is more likely
// the service's fault. Repeated requests with a wrong key get the caller's address blocked for an
// hour, for all of its keys.
[[nodiscard]] std::chrono::milliseconds RejectionPause(int rejections, bool accepted_earlier);

// Pause of a key that is known but not served from here (forbidden, client certificate missing);
// `refusals` counts those in a row, from 1.
[[nodiscard]] std::chrono::milliseconds RefusalPause(int refusals);

// Wait after the `failures`-th failure in a row (from 1), counted from the start of the failed
// attempt: never less than `interval`, growing, at most 15 minutes more. `random` is uniform in [0,
// 1).
[[nodiscard]] std::chrono::milliseconds FailurePause(int failures,
                                                     std::chrono::milliseconds interval,
                                                     double random);

// Pause of a host that says 429002 (too many connections) without a time of its own; `times`
// counts those in a row, from 1.
[[nodiscard]] std::chrono::milliseconds TooManyConnectionsPause(int times);

// What the service asks for, in Retry-After, is believed up to six hours.
[[nodiscard]] std::chrono::milliseconds AtMost6Hours(std::chrono::seconds stated);

// How long a key whose quota is used up, or that is throttled, waits for the stated time: an hour
// at most, for a licence may change before the reset.
[[nodiscard]] std::chrono::milliseconds ExhaustedPause(std::chrono::seconds stated);

}  // namespace scrape
