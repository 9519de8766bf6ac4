#pragma once
// The consumption of one API family of one key, integrated over the windows in which the service
// counts it, and when the current window ends. Pure; owned and used by the scrape thread.
//
// The service answers with `used` alone: it falls when a window ends, but also when a replica that
// lags behind answers. So the highest value seen in a window, the mark, is what counts:
// - A rise above the mark adds the difference.
// - A fall is a new window where its end was to be expected (half of the mark or less is left at
//   once) or where three polls in a row say so; its value is added. Any other fall is a replica's.
// - After a new window, a value of half of the mark before is a replica's, which still tells of the
//   window before, until three polls in a row show it.
// - The first value is the highest of three polls: nothing before it is counted.
// - Polls that come sooner than half an interval after another, for a probe, do not make it three.
// - Whose quota it is can change (the key joins an organisation), and nothing but the next info
//   answer tells: what may come from that is added once that answer has confirmed it.

#include <chrono>
#include <memory>
#include <optional>
#include <vector>

#include "scrape/moment.h"
#include "scrape/schedule/poll_run.h"
#include "scrape/schedule/window_times.h"

namespace scrape {

struct QuotaPoll {
  double used = 0;  // not negative
  Moment at;
  std::chrono::milliseconds interval{};  // at which this family is polled
  // What may come from a change of the owner waits that long at most; 0: nobody asks for the owner.
  std::chrono::milliseconds confirmed_within{};
};

class QuotaWindow {
 public:
  void Observe(const QuotaPoll& poll);
  // The owner of the quota and its limit, absent if unknown, are as before.
  void Confirm(std::optional<double> limit);
  // Another quota is counted from here on.
  void Rebaseline(std::optional<double> limit);

  // What survives a restart; afterwards it is to be Sound.
  template <class Fields>
  void Visit(Fields& fields) {
    fields("times", times_);
    fields("total", total_);
    fields("pending", pending_);
    fields("pending_since", pending_since_);
    fields("limit", limit_);
    fields("last_poll", last_poll_);
    fields("first_polls", first_polls_);
    fields("has_mark", has_mark_);
    fields("mark", mark_);
    fields("mark_before", mark_before_);
    fields("runs", runs_);
    fields("polls_since_end", polls_since_end_);
    fields("counted_at", counted_at_);
  }
  [[nodiscard]] bool Sound(SteadyTime now) const;

  [[nodiscard]] WindowTimes& Times() { return times_; }
  [[nodiscard]] const WindowTimes& Times() const { return times_; }
  [[nodiscard]] double ConsumedTotal() const { return total_; }
  [[nodiscard]] std::optional<double> Limit() const { return limit_; }

 private:
  // A poll and the one before it.
  struct Step {
    QuotaPoll poll;
    SteadyTime before;

    [[nodiscard]] TimeSpan Polls() const { return {before, poll.at.steady}; }
  };

  // What of a step is kept until there is a mark: thousands of them are at the same time.
  struct FirstPoll {
    double used = 0;
    Moment at;
    SteadyTime before;

    template <class Fields>
    void Visit(Fields& fields) {
      fields("used", used);
      fields("at", at.steady);
      fields("at_system", at.system);
      fields("before", before);
    }
  };

  // Polls that contradict the mark: few windows have any, so the others do without their memory.
  struct Runs {
    PollRun below_half;  // of the mark
    PollRun below;       // the mark, while a fall is to be expected
    PollRun above_half;  // of the mark before

    template <class Fields>
    void Visit(Fields& fields) {
      fields("below_half", below_half);
      fields("below", below);
      fields("above_half", above_half);
    }
  };

  [[nodiscard]] Runs& TheRuns();
  void Begin(const Step& step);
  void Judge(const Step& step);
  void Rise(const Step& step);
  void Fall(const Step& step);
  void BeginWindow(const Step& step, const PollRun& run, bool expected);
  void AddOnceConfirmed(double amount, const QuotaPoll& poll);
  [[nodiscard]] double LargestPlainRise() const;

  WindowTimes times_;
  double total_ = 0;
  double pending_ = 0;  // seen, but it may be another owner's
  SteadyTime pending_since_{};
  std::optional<double> limit_;

  std::optional<SteadyTime> last_poll_;
  std::vector<FirstPoll> first_polls_;  // until there are enough of them; no memory afterwards
  bool has_mark_ = false;
  double mark_ = 0;
  std::optional<double> mark_before_;  // of the window before, while its replicas may answer

  std::unique_ptr<Runs> runs_;
  // Polls since the end passed, or since a silence; absent once a fall is not to be expected.
  std::optional<int> polls_since_end_;
  SteadyTime counted_at_{};  // the last one of them
};

}  // namespace scrape
