#include "exporter/status/problems.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "exporter/status/quota_status.h"
#include "exporter/status/words.h"

namespace exporter {
namespace {

using scrape::Reason;
using std::chrono::days;

constexpr std::string_view kReplaceKey =
    "Get it renewed, or replace the key where it is used, and here.";
constexpr std::string_view kMoveWork = "Move the work to another key, or ask for a larger quota.";

class Finder {
 public:
  Finder(const KeyStatus& key, scrape::SystemTime now) : key_(key), now_(now) {}

  void Host(bool paused) {
    if (!paused) return;
    Add({.trouble = Trouble::kHostPaused,
         .severity = Severity::kCritical,
         .what = "Nothing is asked of " + key_.host + " at present.",
         .advice = "The log line \"host paused\" has the reason; it goes on by itself."});
  }

  void Expiry() {
    if (key_.expiry.kind != scrape::Expiration::Kind::kAt) return;
    const auto left = key_.expiry.at - now_;
    const std::string licence =
        key_.expiry.of_organization ? "The organisation's licence" : "The licence";
    if (left <= days(0)) {
      Add({.trouble = Trouble::kExpired,
           .severity = Severity::kCritical,
           .what = licence + " ended " + DurationWords(left) + " ago.",
           .advice = kReplaceKey});
    } else if (left < days(14)) {
      Add({.trouble = Trouble::kExpiresSoon,
           .severity = left < days(7) ? Severity::kCritical : Severity::kWarning,
           .what = licence + " ends in " + DurationWords(left) + ".",
           .advice = "Make sure that the renewal is on its way."});
    }
  }

  void Quotas() {
    for (const ApiStatus& quota : key_.apis) Quota(quota);
  }

  void Collectors() {
    Failures();
    Stale();
    const auto& states = key_.collectors;
    const bool attempted = std::ranges::any_of(
        states, [](const CollectorStatus& collector) { return collector.state->attempted; });
    const bool paused = std::ranges::any_of(
        states, [](const CollectorStatus& collector) { return collector.state->paused; });
    if (!problems_.empty()) return;  // they are why it is not asked
    if (paused) {
      Add({.trouble = Trouble::kWaiting,
           .severity = Severity::kWarning,
           .what = "It waits: requests with wrong apikeys would get this address blocked.",
           .advice = "Put the rejected keys right; it is asked when the hour's budget allows it."});
    } else if (!attempted) {
      Add({.trouble = Trouble::kNotAskedYet,
           .severity = Severity::kUnknown,
           .what = "It was not asked yet.",
           .advice = ""});
    }
  }

  void Secret() {
    if (!key_.state->key->secret_unreadable) return;
    Add({.trouble = Trouble::kSecretUnreadable,
         .severity = Severity::kWarning,
         .what = "The file of its apikey cannot be read; the one read before is in use.",
         .advice = "See to the file; the log says what is the matter."});
  }

  [[nodiscard]] std::vector<KeyProblem> Take() {
    std::ranges::stable_sort(problems_, [](const KeyProblem& a, const KeyProblem& b) {
      return a.severity != b.severity ? a.severity > b.severity : a.trouble < b.trouble;
    });
    return std::move(problems_);
  }

 private:
  void Add(KeyProblem problem) { problems_.push_back(std::move(problem)); }

  void Quota(const ApiStatus& quota) {
    const auto add = [&](Trouble trouble, Severity severity, std::string what,
                         std::string_view advice) {
      Add({.trouble = trouble,
           .severity = severity,
           .what = std::move(what),
           .advice = advice,
           .api = quota.api});
    };
    if (quota.severity == Severity::kOk || quota.severity == Severity::kUnknown) return;
    if (quota.remaining && *quota.remaining <= 0) {
      return add(Trouble::kExhausted, quota.severity,
                 fmt::format("Nothing is left of {}{}.", quota.api, UntilReset(quota)), kMoveWork);
    }
    if (quota.share && *quota.share >= kHighShare) {
      const bool critical = quota.severity == Severity::kCritical;
      return add(critical ? Trouble::kNearlyExhausted : Trouble::kHigh, quota.severity,
                 fmt::format("{} of {} are used.", ShareWords(*quota.share), quota.api),
                 critical ? "Stop what can wait, before files go unscanned." : "");
    }
    add(Trouble::kRunsOut, quota.severity,
        fmt::format("{} runs out {} before its window ends.", quota.api,
                    DurationWords(*quota.resets_at - *quota.runs_out_at)),
        "Slow down what can wait.");
  }

  [[nodiscard]] std::string UntilReset(const ApiStatus& quota) const {
    if (!quota.resets_at) return "";
    return ", for another " + DurationWords(*quota.resets_at - now_);
  }

  // What the last attempts met; collectors with the same reason are one problem.
  void Failures() {
    for (const Reason reason : scrape::kReasons) {
      scrape::CollectorSet failed{};
      std::string names;
      for (const CollectorStatus& collector : key_.collectors) {
        if (collector.state->failure != reason) continue;
        failed[IndexOf(collector.collector)] = true;
        names.append(names.empty() ? "" : ", ").append(NameOf(collector.collector));
      }
      if (!names.empty()) Failure(reason, failed, names);
    }
    // Rejected, by a collector that is not switched on any more.
    if (key_.state->stopped && !rejected_) Failure(Reason::kUnauthorized, {}, "");
    if (key_.state->throttled && !throttled_) Failure(Reason::kThrottled, {}, "");
  }

  void Failure(Reason reason, const scrape::CollectorSet& failed, const std::string& names) {
    KeyProblem problem{.trouble = Trouble::kFailing,
                       .severity = Severity::kWarning,
                       .what = std::string(WordsOf(reason).what),
                       .advice = WordsOf(reason).advice,
                       .collectors = failed};
    if (reason == Reason::kUnauthorized) {
      problem.trouble = Trouble::kRejected;
      problem.severity = Severity::kCritical;
      rejected_ = true;
    } else if (reason == Reason::kThrottled) {
      problem.trouble = Trouble::kThrottled;
      throttled_ = true;
    } else if (reason == Reason::kQuotaExhausted) {
      problem.trouble = Trouble::kExhausted;
      problem.severity = Severity::kCritical;
    } else if (reason == Reason::kIpBlocked) {
      problem.severity = Severity::kCritical;
    }
    problem.what += names.empty() ? "." : " (" + names + ").";
    Add(std::move(problem));
  }

  void Stale() {
    scrape::CollectorSet stale{};
    std::optional<std::chrono::milliseconds> oldest;
    std::string names;
    for (const CollectorStatus& collector : key_.collectors) {
      if (!collector.age || *collector.age <= 3 * collector.state->interval) continue;
      stale[IndexOf(collector.collector)] = true;
      oldest = std::max(oldest.value_or(*collector.age), *collector.age);
      names.append(names.empty() ? "" : ", ").append(NameOf(collector.collector));
    }
    if (!oldest || key_.state->stopped) return;
    Add({.trouble = Trouble::kStale,
         .severity = Severity::kWarning,
         .what = fmt::format("The last good answer is {} old ({}).", DurationWords(*oldest), names),
         .advice = "",
         .collectors = stale});
  }

  const KeyStatus& key_;
  const scrape::SystemTime now_;
  std::vector<KeyProblem> problems_;
  bool rejected_ = false;
  bool throttled_ = false;
};

}  // namespace

std::string_view NameOf(Trouble trouble) {
  switch (trouble) {
    case Trouble::kRejected:
      return "rejected";
    case Trouble::kHostPaused:
      return "host_paused";
    case Trouble::kExpired:
      return "expired";
    case Trouble::kExhausted:
      return "exhausted";
    case Trouble::kFailing:
      return "failing";
    case Trouble::kNearlyExhausted:
      return "nearly_exhausted";
    case Trouble::kExpiresSoon:
      return "expires_soon";
    case Trouble::kHigh:
      return "high";
    case Trouble::kRunsOut:
      return "runs_out";
    case Trouble::kThrottled:
      return "throttled";
    case Trouble::kSecretUnreadable:
      return "secret_unreadable";
    case Trouble::kStale:
      return "stale";
    case Trouble::kWaiting:
      return "waiting";
    case Trouble::kNotAskedYet:
      return "not_asked_yet";
  }
  return "unknown";
}

std::vector<KeyProblem> ProblemsOf(const KeyStatus& key, bool host_paused, scrape::SystemTime now) {
  Finder finder(key, now);
  finder.Host(host_paused);
  finder.Collectors();
  finder.Secret();
  finder.Expiry();
  finder.Quotas();
  return finder.Take();
}

}  // namespace exporter
