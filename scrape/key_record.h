#pragma once
// What is known of one key, kept up to date attempt by attempt: turns answers and failures into the
// KeyState that is published. Pure (clocks come in as parameters); owned and used by the scrape
// thread.

#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <tl/expected.hpp>

#include "scrape/answer.h"
#include "scrape/moment.h"
#include "scrape/schedule/quota_windows.h"
#include "scrape/schedule/schedule.h"
#include "scrape/snapshot.h"

namespace scrape {

// What is known of the apikey of a stopped key.
struct SavedVerdict {
  std::optional<bool> valid;
  std::string reason;  // of the collector that was rejected

  template <class Fields>
  void Visit(Fields& fields) {
    fields("valid", valid);
    fields("reason", reason);
  }
};

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
  // What the next request for the scan history asks for; `real_now` of the clock of requests.
  [[nodiscard]] ScanHistoryReader::Request NextOfHistory(SteadyTime real_now);
  // Takes one answer of it. True: it was a page that another one is to follow, and neither
  // Succeeded nor Failed is. Otherwise one of them is: `answer` becomes a success when it is a page
  // that is too large, after others that have made a round.
  [[nodiscard]] bool TakeHistory(tl::expected<Answer, ScrapeError>& answer,
                                 const ScanHistoryReader::Arrival& arrival);
  // What cut the last round of the history short.
  [[nodiscard]] std::optional<HistoryCut> CutOfHistory() const;
  // The headers of the answer that has just succeeded.
  void Heard(const RateLimit& rate_limit, Moment now);
  // With a file that keeps what was counted: nothing is published of it that was not written
  // before, so that no counter falls when the process is killed. From here on Written is called.
  void HoldWindows() { holds_windows_ = true; }
  // What is to be written now: the windows, and what explains a stop.
  [[nodiscard]] const QuotaWindows& WindowsToWrite();
  [[nodiscard]] SavedVerdict Verdict() const;
  // They were, or cannot be: true when there is something new to publish.
  bool Written();
  bool WrittenWhateverComes();
  // For a key that goes.
  [[nodiscard]] QuotaWindows TakeWindows() { return std::move(windows_); }
  // What was written by an earlier process. `verdict` of a key that is stopped, in the schedule
  // too; `other_secret`: what was counted stays, and nothing else.
  void Resume(QuotaWindows windows, const std::optional<SavedVerdict>& verdict, bool other_secret,
              Moment now);

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
  bool holds_windows_ = false;
  std::shared_ptr<const QuotaWindowStates> windows_being_written_;
  std::shared_ptr<const QuotaWindowStates> windows_written_;
  std::unique_ptr<ScanHistoryReader> history_;  // null until it is switched on
  std::optional<Collector> rejected_by_;        // whose answer was the last rejection
  std::shared_ptr<const KeyState> published_;   // null after a change
};

}  // namespace scrape
