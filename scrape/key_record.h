#pragma once
// What is known of one key, kept up to date attempt by attempt: turns answers and failures into the
// KeyState that is published. Pure (clocks come in as parameters); owned and used by the scrape
// thread.

#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <variant>

#include "scrape/moment.h"
#include "scrape/schedule/quota_windows.h"
#include "scrape/schedule/schedule.h"
#include "scrape/snapshot.h"

namespace scrape {

using Answer = std::variant<KeyInfo, Consumption, Remaining>;

class KeyRecord {
 public:
  // `index` is the key's in `schedule`, which must outlive this object.
  KeyRecord(std::shared_ptr<const ApiKey> key, const Schedule& schedule, std::size_t index);

  // Another configuration of the same apikey, which the schedule has taken over.
  void Configure(std::shared_ptr<const ApiKey> key);
  // Another apikey of the same name, at its new place in the schedule: nothing is known of it, but
  // what was counted stays.
  void SecretChanged(std::shared_ptr<const ApiKey> key, std::size_t index, Moment now);

  void Succeeded(Collector collector, std::chrono::duration<double> duration,
                 std::optional<double> api_response_time_seconds, Answer answer, Moment now);
  void Failed(Collector collector, std::chrono::duration<double> duration, const ScrapeError& error,
              Moment now);
  // The headers of the answer that has just succeeded.
  void Heard(const RateLimit& rate_limit, Moment now);
  // To be called after the schedule has taken note of the same attempt, and when it says that what
  // the keys of a host wait for has changed.
  void FollowSchedule(Moment now);

  [[nodiscard]] const ApiKey& Key() const { return *state_.key; }
  [[nodiscard]] bool Attempted() const;
  // Shared until the next change.
  [[nodiscard]] std::shared_ptr<const KeyState> Published();

 private:
  CollectorState& At(Collector collector) { return state_.collectors[IndexOf(collector)]; }
  void FollowOptions();
  void Forget(Collector collector);
  void Stop(Moment now);
  void KeepWhileUsedUp(Collector collector, const ScrapeError& error, SteadyTime now);

  const Schedule& schedule_;
  std::size_t index_;
  KeyState state_;
  QuotaWindows windows_;
  std::array<bool, kCollectorCount> throttled_{};  // last attempt met a 429001
  std::array<bool, kCollectorCount> exhausted_{};  // ... a 429000 or 429001
  std::array<SteadyTime, kCollectorCount> succeeded_at_{};
  bool host_paused_ = false;
  std::optional<Collector> rejected_by_;       // whose answer was the last rejection
  std::shared_ptr<const KeyState> published_;  // null after a change
};

}  // namespace scrape
