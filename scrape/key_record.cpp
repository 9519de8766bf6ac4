#include "scrape/key_record.h"

#include <algorithm>
#include <utility>

namespace scrape {
namespace {

constexpr int kThrottledCode = 429001;
// How long the last values of a used-up or throttled key stay while nothing says when it ends: an
// exhausted quota must go on being visible.
constexpr std::chrono::hours kKeepWhileExhausted{24};

// An info answer may fail once before its absence is taken for consent.
constexpr int kInfoIntervalsToConfirm = 2;

// 429000 and 429001, not a proxy's 429 or 429002.
bool SaysExhausted(const ScrapeError& error) {
  return error.verdict == Verdict::kAccepted &&
         (error.reason == Reason::kQuotaExhausted || error.reason == Reason::kThrottled);
}

std::chrono::milliseconds ConfirmedWithin(const ApiKey& key, const Schedule& schedule,
                                          std::size_t index) {
  if (!key.collectors[IndexOf(Collector::kInfo)]) return {};
  return kInfoIntervalsToConfirm * schedule.Interval({index, Collector::kInfo});
}

}  // namespace

KeyRecord::KeyRecord(std::shared_ptr<const ApiKey> key, const Schedule& schedule, std::size_t index)
    : schedule_(schedule),
      index_(index),
      windows_(key->quota_window, ConfirmedWithin(*key, schedule, index)) {
  state_.key = std::move(key);
  FollowOptions();
}

void KeyRecord::FollowOptions() {
  for (const Collector collector : kCollectors) {
    CollectorState& state = At(collector);
    state.enabled = state_.key->collectors[IndexOf(collector)];
    state.interval = schedule_.Interval({index_, collector});
  }
  if (At(Collector::kHistory).enabled && history_ == nullptr) {
    history_ = std::make_unique<ScanHistoryReader>();
  }
  published_.reset();
}

void KeyRecord::Configure(std::shared_ptr<const ApiKey> key) {
  state_.key = std::move(key);
  for (const Collector collector : kCollectors) {
    CollectorState& state = At(collector);
    if (state.enabled && !state_.key->collectors[IndexOf(collector)]) Forget(collector);
    const bool as_usual = state.last_success && !exhausted_[IndexOf(collector)] &&
                          state.keep_until != SteadyTime::max();
    if (!as_usual) continue;
    state.keep_until = succeeded_at_[IndexOf(collector)] +
                       StalenessOf(*state_.key, schedule_.Interval({index_, collector}));
  }
  windows_.Configure(state_.key->quota_window, ConfirmedWithin(*state_.key, schedule_, index_));
  FollowOptions();
}

void KeyRecord::SecretChanged(std::shared_ptr<const ApiKey> key, std::size_t index, Moment now) {
  index_ = index;
  state_ = {};
  state_.key = std::move(key);
  throttled_ = exhausted_ = {};
  succeeded_at_ = {};
  host_paused_ = false;
  rejected_by_.reset();
  if (history_ != nullptr) history_->ForgetAccount();
  windows_.ForgetAccount(now);
  windows_.Configure(state_.key->quota_window, ConfirmedWithin(*state_.key, schedule_, index_));
  FollowOptions();
}

void KeyRecord::Forget(Collector collector) {
  At(collector) = {};
  throttled_[IndexOf(collector)] = exhausted_[IndexOf(collector)] = false;
  succeeded_at_[IndexOf(collector)] = {};
  if (rejected_by_ == collector) rejected_by_.reset();
  switch (collector) {
    case Collector::kInfo:
      state_.info.reset();
      break;
    case Collector::kLimits:
      state_.limits.reset();
      break;
    case Collector::kStatus:
      state_.status.reset();
      break;
    case Collector::kHistory:
      history_->ForgetAccount();
      break;
  }
}

void KeyRecord::Succeeded(Collector collector, std::chrono::duration<double> duration,
                          std::optional<double> api_response_time_seconds, Answer answer,
                          Moment now) {
  CollectorState& state = At(collector);
  state.attempted = true;
  state.paused = false;
  state.failure.reset();
  state.duration = duration;
  if (api_response_time_seconds) state.api_response_time_seconds = api_response_time_seconds;
  state.last_success = now.system;
  succeeded_at_[IndexOf(collector)] = now.steady;
  state.keep_until = now.steady + StalenessOf(*state_.key, schedule_.Interval({index_, collector}));
  throttled_[IndexOf(collector)] = false;
  exhausted_[IndexOf(collector)] = false;
  state_.valid = true;
  if (auto* info = std::get_if<KeyInfo>(&answer)) {
    state_.info = std::make_shared<const KeyInfo>(std::move(*info));
    windows_.Informed(*state_.info, now);
  } else if (auto* consumption = std::get_if<Consumption>(&answer)) {
    state_.limits = std::make_shared<const Consumption>(std::move(*consumption));
    windows_.Polled(*state_.limits, schedule_.Interval({index_, collector}), now);
  } else if (auto* remaining = std::get_if<Remaining>(&answer)) {
    state_.status = std::make_shared<const Remaining>(std::move(*remaining));
    windows_.Left(*state_.status);
  }
  published_.reset();
}

ScanHistoryReader::Request KeyRecord::NextOfHistory(SteadyTime real_now) {
  return history_->Next(Key().history, real_now);
}

bool KeyRecord::TakeHistory(tl::expected<Answer, ScrapeError>& answer,
                            const ScanHistoryReader::Arrival& arrival) {
  if (answer) {
    published_.reset();
    return history_->Take(std::get<ScanHistoryPage>(*answer), arrival, Key().history);
  }
  if (answer.error().reason == Reason::kBodyTooLarge && history_->TooLarge(arrival.service_now)) {
    answer = ScanHistoryPage{};
  }
  return false;
}

std::optional<HistoryCut> KeyRecord::CutOfHistory() const {
  return history_ == nullptr ? std::nullopt : history_->Cut();
}

void KeyRecord::Heard(const RateLimit& rate_limit, Moment now) {
  windows_.Stated(rate_limit, now);
  published_.reset();
}

void KeyRecord::Failed(Collector collector, std::chrono::duration<double> duration,
                       const ScrapeError& error, Moment now) {
  CollectorState& state = At(collector);
  const bool still_there = now.steady < state.keep_until;
  windows_.Refused(error, now);
  const bool exhausted = SaysExhausted(error);
  const bool was_exhausted = std::exchange(exhausted_[IndexOf(collector)], exhausted);
  const bool kept_for_good = state.keep_until == SteadyTime::max();  // of a rejected key
  if (still_there && !kept_for_good && exhausted) {
    KeepWhileUsedUp(collector, error, now.steady);
  } else if (still_there && !kept_for_good && was_exhausted) {
    // From here on nothing says that the quota is still used up.
    const auto staleness = StalenessOf(*state_.key, schedule_.Interval({index_, collector}));
    state.keep_until = std::min(state.keep_until, now.steady + staleness);
  }
  state.attempted = true;
  state.paused = false;
  state.failure = error.reason;
  state.duration = duration;
  throttled_[IndexOf(collector)] = error.api_code == kThrottledCode;
  if (error.verdict == Verdict::kRejected) state_.valid = false;
  if (IsRejection(error)) rejected_by_ = collector;
  if (collector == Collector::kHistory) history_->Abandon();
  published_.reset();
}

void KeyRecord::KeepWhileUsedUp(Collector collector, const ScrapeError& error, SteadyTime now) {
  const SteadyTime success = succeeded_at_[IndexOf(collector)];
  const SteadyTime as_usual =
      success + StalenessOf(*state_.key, schedule_.Interval({index_, collector}));
  const SteadyTime used_up_until =
      windows_.UsedUpUntil(error, now).value_or(success + kKeepWhileExhausted);
  At(collector).keep_until = std::max(as_usual, used_up_until);
}

void KeyRecord::Stop(Moment now) {
  state_.limits.reset();
  state_.status.reset();
  CollectorState& info = At(Collector::kInfo);
  if (now.steady < info.keep_until) {
    info.keep_until = SteadyTime::max();  // expiry and organisation explain the rejection
  }
}

void KeyRecord::FollowSchedule(Moment now) {
  const bool stopped = schedule_.Stopped(index_);
  const bool stops_now = stopped && !state_.stopped;
  const bool was_stopped = state_.stopped;
  CollectorState& info = At(Collector::kInfo);
  if (stops_now) {
    Stop(now);
  } else if (!stopped && info.keep_until == SteadyTime::max()) {
    info.keep_until =
        now.steady + StalenessOf(*state_.key, schedule_.Interval({index_, Collector::kInfo}));
  }
  state_.stopped = stopped;
  // Unproven keys ask one collector at a time, refused ones none.
  const bool held_back =
      schedule_.WaitsForBudget(index_, now.steady) ||
      (Attempted() && (!schedule_.EverAccepted(index_) || schedule_.HeldBack(index_, now.steady)));
  const bool host_paused = schedule_.HostPaused(index_);
  const bool host_goes_on = std::exchange(host_paused_, host_paused) && !host_paused;
  for (const Collector collector : kCollectors) {
    CollectorState& state = At(collector);
    if (!state.enabled) continue;
    // The rejection is why the others are not asked; what they met before is over.
    if (stops_now && collector != rejected_by_) state.failure.reset();
    if (stopped || host_paused) {
      state.paused = !state.failure;
    } else if (host_goes_on && !was_stopped) {
      state.paused = false;
    } else if (!state.attempted) {
      state.paused = held_back;
    }
    if (const auto next = schedule_.NextAttempt({index_, collector}, now.steady)) {
      const auto wait = std::chrono::duration_cast<std::chrono::milliseconds>(*next - now.steady);
      state.next_attempt = now.system + wait;
    } else if (!schedule_.InFlight({index_, collector})) {
      state.next_attempt.reset();
    }
  }
  state_.throttled =
      std::any_of(throttled_.begin(), throttled_.end(), [](bool met) { return met; });
  published_.reset();
}

const QuotaWindows& KeyRecord::WindowsToWrite() {
  windows_being_written_ = windows_.Published();
  return windows_;
}

SavedVerdict KeyRecord::Verdict() const {
  SavedVerdict verdict{.valid = state_.valid, .reason = {}};
  if (!rejected_by_) return verdict;
  const auto& failure = state_.collectors[IndexOf(*rejected_by_)].failure;
  if (failure) verdict.reason = NameOf(*failure);
  return verdict;
}

bool KeyRecord::Written() {
  if (windows_written_ == windows_being_written_) return false;
  windows_written_ = windows_being_written_;
  published_.reset();
  return true;
}

bool KeyRecord::WrittenWhateverComes() {
  windows_being_written_ = windows_.Published();
  return Written();
}

void KeyRecord::Resume(QuotaWindows windows, const std::optional<SavedVerdict>& verdict,
                       bool other_secret, Moment now) {
  windows_ = std::move(windows);
  windows_.Resume(state_.key->quota_window, ConfirmedWithin(*state_.key, schedule_, index_), now);
  if (other_secret) windows_.ForgetAccount(now);
  windows_being_written_ = windows_.Published();
  static_cast<void>(Written());
  if (verdict) {
    state_.valid = verdict->valid;
    rejected_by_ = schedule_.RejectedBy(index_);
    CollectorState& met = At(*rejected_by_);
    met.attempted = true;
    met.failure = ReasonByName(verdict->reason).value_or(Reason::kUnauthorized);
  }
  FollowSchedule(now);
}

bool KeyRecord::Attempted() const {
  return std::any_of(state_.collectors.begin(), state_.collectors.end(),
                     [](const CollectorState& state) { return state.attempted; });
}

std::shared_ptr<const KeyState> KeyRecord::Published() {
  if (published_ == nullptr) {
    const auto& windows = holds_windows_ ? windows_written_ : windows_.Published();
    state_.windows = At(Collector::kLimits).enabled ? windows : nullptr;
    state_.history = At(Collector::kHistory).enabled ? history_->Published() : nullptr;
    published_ = std::make_shared<const KeyState>(state_);
  }
  return published_;
}

}  // namespace scrape
