#include "tests/unit/scrape/quota_trial.h"

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>
#include <random>
#include <stdexcept>

#include <fmt/format.h>

#include "scrape/schedule/quota_windows.h"
#include "tests/unit/scrape/quota_truth.h"
#include "tests/unit/scrape/reread.h"

namespace test {
namespace {

using namespace std::chrono_literals;
using scrape::Moment;
using scrape::QuotaWindows;
using scrape::QuotaWindowState;

const scrape::SystemTime kEpoch = std::chrono::sys_days(std::chrono::year(2026) / 1 / 20) + 5h;
const scrape::SteadyTime kSteadyEpoch{777h};
constexpr double kLimit = 4000;
constexpr double kPoolLimit = 5 * kLimit;
constexpr int kProof = 3;  // polls in a row

class Trial {
 public:
  Trial(const Scenario& scenario, std::uint64_t seed) : scenario_(scenario), random_(seed) {
    Restart();
    if (scenario_.replicas) lag_ = Between(30s, 240s);
    if (scenario_.joins) next_move_ = Between(6h, 40h);
    if (scenario_.licence_changes) next_licence_change_ = Between(5h, 30h);
    if (scenario_.restarts) next_restart_ = Between(3h, 20h);
    next_use_ = Between(1s, 1h);
    // A key is added while its window is open, most often.
    first_poll_ = Between(1s, 30h);
  }

  Outcome Run() {
    const WorldTime end = first_poll_ + scenario_.duration;
    for (WorldTime now = first_poll_; now < end; now += NextWait()) Step(now, true);
    // Whatever waits for proof or confirmation gets it.
    WorldTime now = end;
    for (int i = 0; i < 2 * kProof; ++i, now += scenario_.interval) Step(now, false);
    Inform(now);
    outcome_.counted += Counted();
    outcome_.used = use_seen_;
    return outcome_;
  }

 private:
  double Chance() { return std::uniform_real_distribution<double>(0, 1)(random_); }
  int Whole(int least, int most) {
    return std::uniform_int_distribution<int>(least, most)(random_);
  }
  WorldTime Between(WorldTime least, WorldTime most) {
    return WorldTime(
        std::uniform_int_distribution<WorldTime::rep>(least.count(), most.count())(random_));
  }
  WorldTime Exponential(WorldTime mean) {
    const double count = static_cast<double>(mean.count());
    return 1ms + WorldTime(static_cast<WorldTime::rep>(
                     std::exponential_distribution<double>(1 / count)(random_)));
  }

  [[nodiscard]] QuotaTruth NewTruth() const {
    return scenario_.window == 0ms ? QuotaTruth(kEpoch) : QuotaTruth(scenario_.window);
  }

  [[nodiscard]] Moment MomentAt(WorldTime now) const {
    return {kSteadyEpoch + now, kEpoch + now + clock_offset_};
  }

  void Restart() {
    windows_ = std::make_unique<QuotaWindows>(scenario_.configured, 30min);
    first_polls_ = kProof;
    quiet_polls_ = kProof;
    next_info_ = {};
  }

  void RestartWithState(WorldTime now) {
    *windows_ = Reread(*windows_, MomentAt(now));
    windows_->Resume(scenario_.configured, 30min, MomentAt(now));
  }

  WorldTime NextWait() { return scenario_.interval + Between(0ms, scenario_.interval / 30); }

  // ---- traffic ----

  void UseUntil(WorldTime now) {
    while (next_use_ <= now) {
      UseOnce(next_use_);
      next_use_ += NextPause();
    }
    CloseWindows(now);
  }

  WorldTime NextPause() {
    const auto hour = (next_use_ / 1h + 5) % 24;
    switch (scenario_.traffic) {
      case Traffic::kBusy:
        return Exponential(25s);
      case Traffic::kOffice:
        return hour >= 8 && hour < 18 ? Exponential(45s) : Exponential(2h);
      case Traffic::kBatches:
        if (batch_ > 0) --batch_;
        if (batch_ > 0) return Exponential(15s);
        batch_ = Whole(5, 120);
        return Exponential(5h);
      case Traffic::kDailyJob:
        if (batch_ > 0) --batch_;
        if (batch_ > 0) return Between(1ms, 500ms);
        batch_ = Whole(20, 60);
        return *truth_.End() - next_use_ + Between(1s, 30s);
    }
    return 1h;
  }

  void UseOnce(WorldTime at) {
    CloseWindows(at);
    const double amount = Whole(1, 4);
    truth_.Use(amount, at);
    if (first_seen_) {
      use_seen_ += amount;
      (first_polls_ > 0 ? outcome_.may_be_missed : unseen_) += amount;
    }
  }

  // A window that has ended takes with it what no poll has seen.
  void CloseWindows(WorldTime now) {
    const auto last_end = truth_.LastEnd();
    truth_.Advance(now);
    if (truth_.LastEnd() == last_end) return;
    ++outcome_.resets;
    outcome_.may_be_missed += unseen_;
    unseen_ = 0;
    const bool unproven = 0 < rises_to_prove_ && rises_to_prove_ < kProof;
    if (unproven) outcome_.may_be_missed += highest_.value_or(0) - proven_;
    if (highest_) {
      highest_before_ = unproven ? proven_ : *highest_;
      tells_apart_below_ = exported_end_ ? highest_before_ : highest_before_ / 2;
      believed_end_ = exported_end_.value_or(0ms);
      polls_to_tell_apart_ = kProof;
    }
    highest_.reset();
    rises_to_prove_ = 0;
    proven_ = 0;
    polls_since_end_ = 0;
  }

  // ---- polls ----

  void Step(WorldTime now, bool with_events) {
    if (with_events) {
      UseUntil(now);
      if (Disturbed(now)) return;
    } else {
      CloseWindows(now);
    }
    if (scenario_.stored_restarts && ++steps_ % 7 == 0) RestartWithState(now);
    if (now >= next_info_) Inform(now);
    Poll(now);
  }

  void Inform(WorldTime now) {
    if (Chance() < 0.02) return;  // fails; asked again with the next poll
    next_info_ = now + 15min;
    scrape::KeyInfo info;
    info.entitlement.time_interval = scenario_.time_interval;
    info.entitlement.quota_limits = {{"prevention", limit_}};
    if (joined_) {
      info.organization = std::make_shared<scrape::OrganizationInfo>();
      info.organization->organization_id = "pool";
      info.organization->entitlement.time_interval = scenario_.time_interval;
      info.organization->entitlement.quota_limits = {{"prevention", kPoolLimit}};
    }
    windows_->Informed(info, MomentAt(now));
    if (changed_) {
      // Nothing since the last info answer is certain, nor the next three polls.
      outcome_.may_be_missed += use_seen_ - use_confirmed_;
      unseen_ = 0;
      first_polls_ = kProof;
      quiet_polls_ = kProof;
      highest_.reset();
      polls_to_tell_apart_ = 0;
      changed_ = false;
    }
    use_confirmed_ = use_at_polls_.empty() ? use_seen_ : use_at_polls_.front();
  }

  void Poll(WorldTime now) {
    const bool silent =
        last_poll_ && now - *last_poll_ > std::max<WorldTime>(10 * scenario_.interval, 10min);
    if (silent) quiet_polls_ = kProof;
    const double fresh = truth_.UsedAt(now);
    const double used = Answer(now);
    windows_->Polled({.used = {{"prevention", used}}}, scenario_.interval, MomentAt(now));
    if (scenario_.stated && truth_.End() && Chance() < 0.1) {
      const auto reset_in = std::chrono::ceil<std::chrono::seconds>(*truth_.End() - now);
      windows_->Stated({.family = "prevention", .reset_in = reset_in}, MomentAt(now));
    }
    if (!first_seen_) {
      first_seen_ = true;
      use_seen_ = 0;
    }
    if (used == fresh) Account(fresh, now);
    if (quiet_polls_ > 0) --quiet_polls_;
    last_poll_ = now;
    ++polls_since_end_;
    use_at_polls_.push_back(use_seen_);
    if (use_at_polls_.size() > kProof + 1) use_at_polls_.pop_front();
    CheckReset(now);
  }

  // A poll that showed the truth.
  void Account(double used, WorldTime now) {
    unseen_ = 0;
    if (first_polls_ > 0) --first_polls_;
    if (polls_to_tell_apart_ > 0) {
      // Three of them are to follow the end that is believed in.
      if (now >= believed_end_) --polls_to_tell_apart_;
      if (used >= tells_apart_below_) {
        outcome_.may_be_missed += highest_before_;
        polls_to_tell_apart_ = 0;
      }
    }
    highest_ = std::max(highest_.value_or(0), used);
    if (used >= highest_before_ / 2) {
      ++rises_to_prove_;
    } else {
      rises_to_prove_ = 0;
      proven_ = used;
    }
  }

  // Of the replica that happens to answer.
  double Answer(WorldTime now) {
    const double fresh = truth_.UsedAt(now);
    if (lag_ == 0ms) return fresh;
    if (late_polls_ == 0 && Chance() < 0.15) late_polls_ = Whole(1, 8);
    if (late_polls_ == 0 || quiet_polls_ > 0) {
      far_off_ = 0;
      return fresh;
    }
    --late_polls_;
    const double late = truth_.UsedAt(now - lag_);
    const bool window_before = truth_.WindowAt(now - lag_) != truth_.WindowAt(now);
    const bool far_off = window_before || late < fresh / 2;
    const bool near_end = truth_.End() && *truth_.End() - now < 15 * scenario_.interval;
    const bool allowed = window_before ? late > 4 * fresh && far_off_ < kProof - 1
                         : far_off     ? !near_end && far_off_ < kProof - 1 && polls_since_end_ > 6
                                       : polls_since_end_ > 6;
    if (!allowed) {
      far_off_ = 0;
      return fresh;
    }
    far_off_ = far_off ? far_off_ + 1 : 0;
    return late;
  }

  // ---- what happens to the exporter and the key ----

  // True when nothing is polled now.
  bool Disturbed(WorldTime now) {
    if (scenario_.clock_steps && Chance() < 0.002) {
      clock_offset_ = Chance() < 0.5 ? 0ms : Between(-40h, 40h);
    }
    if (next_restart_ && now >= *next_restart_) {
      next_restart_ = now + Between(3h, 20h);
      outcome_.counted += Counted();
      outcome_.may_be_missed += use_seen_ - use_confirmed_;
      unseen_ = 0;
      highest_.reset();
      polls_to_tell_apart_ = 0;
      Restart();
    }
    if (next_licence_change_ && now >= *next_licence_change_) {
      next_licence_change_ = now + Between(5h, 30h);
      limit_ = limit_ == kLimit ? 2 * kLimit : kLimit;
      changed_ = true;
    }
    if (next_move_ && now >= *next_move_) Move(now);
    if (scenario_.outages) {
      if (now < outage_end_) return true;
      const bool across_reset = truth_.End() && *truth_.End() - now < 90min && Chance() < 0.02;
      if (across_reset || Chance() < 0.0002) {
        outage_end_ = now + 3h;
        return true;
      }
    }
    return Chance() < 0.01;
  }

  // Into an organisation or out of it: another quota, which was used before.
  void Move(WorldTime now) {
    // Not at the very moment at which the window ends anyway.
    if (truth_.End() && *truth_.End() - now < 1h) return;
    next_move_ = now + Between(6h, 40h);
    outcome_.may_be_added += (joined_ ? kPoolLimit : kLimit) / 10;
    joined_ = !joined_;
    changed_ = true;
    truth_ = NewTruth();
    truth_.Use(joined_ ? Whole(100, 19000) : Whole(1, 300), now - 1min);
    unseen_ = 0;
  }

  // ---- what is exported ----

  [[nodiscard]] const QuotaWindowState* Exported() const {
    const auto states = windows_->Published();
    return states == nullptr || states->empty() ? nullptr : &states->front();
  }
  [[nodiscard]] double Counted() const {
    const QuotaWindowState* const state = Exported();
    return state == nullptr ? 0 : state->consumed_total;
  }

  void CheckReset(WorldTime now) {
    ++outcome_.polls;
    const QuotaWindowState* const state = Exported();
    if (state == nullptr) throw std::logic_error("nothing is exported after a poll");
    exported_end_.reset();
    if (state->reset) exported_end_ = *state->reset - kEpoch - clock_offset_;
    if (changed_ || !state->reset) return;
    ++outcome_.polls_with_reset;
    // Which month it is nobody knows but the host's clock.
    if (scenario_.window == 0ms && clock_offset_ != 0ms) return;
    const WorldTime reset = *state->reset - kEpoch - clock_offset_;
    const WorldTime tolerance = (state->reset_uncertainty == 0ms ? 5s : 1s) + lag_;
    const auto within = [&](std::optional<WorldTime> end) {
      return end && *end >= reset - state->reset_uncertainty - tolerance &&
             *end <= reset + tolerance;
    };
    // A window that has just ended was not seen to end yet.
    if (within(truth_.End()) || within(truth_.LastEnd())) return;
    outcome_.wrong_resets.push_back(
        fmt::format("at {} s: reset {} s - {} s, true end {} s, last end {} s", now / 1s,
                    reset / 1s, state->reset_uncertainty / 1s, truth_.End().value_or(0ms) / 1s,
                    truth_.LastEnd().value_or(0ms) / 1s));
  }

  const Scenario& scenario_;
  std::mt19937_64 random_;
  Outcome outcome_;
  QuotaTruth truth_ = NewTruth();
  std::unique_ptr<QuotaWindows> windows_;

  WorldTime first_poll_{};
  WorldTime next_use_{};
  WorldTime next_info_{};
  int batch_ = 0;
  int steps_ = 0;
  double limit_ = kLimit;
  bool joined_ = false;
  bool changed_ = false;  // since the last info answer
  WorldTime clock_offset_{};
  WorldTime outage_end_{};
  std::optional<WorldTime> next_move_, next_licence_change_, next_restart_, last_poll_;

  WorldTime lag_{};
  int late_polls_ = 0;   // to come from the replica that lags
  int far_off_ = 0;      // answers in a row that were wrong by more than half
  int quiet_polls_ = 0;  // that do not lag
  int polls_since_end_ = 100;

  bool first_seen_ = false;
  double use_seen_ = 0;       // since the first poll
  double use_confirmed_ = 0;  // what the last info answer vouched for
  std::deque<double> use_at_polls_;
  double unseen_ = 0;              // since the last poll that showed the truth
  int first_polls_ = 0;            // to come, after a start or a change
  std::optional<double> highest_;  // seen in this window
  double highest_before_ = 0;      // in the window before
  double tells_apart_below_ = 0;   // what the new window shows in its first polls
  int polls_to_tell_apart_ = 0;
  std::optional<WorldTime> exported_end_;
  WorldTime believed_end_{};  // of the window before
  int rises_to_prove_ = 0;
  double proven_ = 0;
};

}  // namespace

Outcome RunTrial(const Scenario& scenario, std::uint64_t seed) {
  return Trial(scenario, seed).Run();
}

}  // namespace test
