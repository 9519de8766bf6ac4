#pragma once
// The quota windows of one key, one per API family that it was seen to use: feeds each of them with
// what the answers say about consumption, ownership, lengths and ends. Pure; owned and used by the
// scrape thread.

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "scrape/api/http_answer.h"
#include "scrape/api/quota.h"
#include "scrape/api/scrape_error.h"
#include "scrape/moment.h"
#include "scrape/quota_window_state.h"
#include "scrape/schedule/quota_window.h"
#include "scrape/window_length.h"

namespace scrape {

class QuotaWindows {
 public:
  // `length` is the user's; kUnknown leaves it to the licence. `confirmed_within`: QuotaPoll's.
  QuotaWindows() = default;
  QuotaWindows(const WindowLength& length, std::chrono::milliseconds confirmed_within)
      : configured_length_(length), confirmed_within_(confirmed_within) {}

  // Another configuration of the same key; as for the constructor.
  void Configure(const WindowLength& length, std::chrono::milliseconds confirmed_within);
  // Another apikey from here on, perhaps another account's: nothing is known of it, and what was
  // counted stays.
  void ForgetAccount(Moment now);

  // `interval`: at which /apikey/limits is asked.
  void Polled(const Consumption& consumption, std::chrono::milliseconds interval, Moment now);
  void Informed(const KeyInfo& info, Moment now);
  void Left(const Remaining& remaining);
  // After the above, for the headers of the same answer.
  void Stated(const RateLimit& rate_limit, Moment now);
  // What a refused request says of the reset.
  void Refused(const ScrapeError& error, Moment now);

  // What survives a restart: all that was counted, and what it was counted by. Read into a new
  // object, which is to be Sound, and Resume is to follow.
  template <class Fields>
  void Visit(Fields& fields) {
    fields("owner", owner_);
    fields("time_interval", time_interval_);
    fields("limits", limits_);
    fields("families", families_);
  }
  [[nodiscard]] bool Sound(SteadyTime now) const;
  void Resume(const WindowLength& length, std::chrono::milliseconds confirmed_within, Moment now);

  // When the quota comes back that an answer calls used up: as the answer states it, else the
  // latest known end, of the families with nothing left if there are any.
  [[nodiscard]] std::optional<SteadyTime> UsedUpUntil(const ScrapeError& error,
                                                      SteadyTime now) const;

  // Null before the first poll; the same object until something changes.
  [[nodiscard]] std::shared_ptr<const QuotaWindowStates> Published() const { return published_; }

 private:
  struct Family {
    QuotaWindow window;
    std::optional<SystemTime> exported_reset;

    template <class Fields>
    void Visit(Fields& fields) {
      window.Visit(fields);
    }
  };

  [[nodiscard]] WindowLength LengthInForce() const;
  [[nodiscard]] bool IsUsedUp(const std::string& family) const;
  void ForgetKnownLimits();
  void Publish(Moment now);

  WindowLength configured_length_;
  std::chrono::milliseconds confirmed_within_{};
  std::map<std::string, Family, std::less<>> families_;
  std::optional<std::string> owner_;  // organisation; empty: the key itself
  ApiValues limits_;                  // of families that are not in families_
  std::string time_interval_;
  std::vector<std::string> used_up_;  // families with nothing left
  std::shared_ptr<const QuotaWindowStates> published_;
};

}  // namespace scrape
