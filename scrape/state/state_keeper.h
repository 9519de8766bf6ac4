#pragma once
// Brings back what an earlier process has written, and writes what this one learns: when, by a
// thread of its own, and what that means for what may be published. A counter that was published
// must not be lower in the next process, so the windows of a key are published once they are
// written; where they cannot be, or where that takes too long, they are published all the same, and
// that is counted and logged.
//
// How often: as soon as the last write has ended, but not so often that more than a moderate number
// of bytes is written per second. Owned and used by the scrape thread.

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "scrape/key_table.h"
#include "scrape/moment.h"
#include "scrape/schedule/schedule.h"
#include "scrape/state/saved_state.h"
#include "scrape/state/state_file.h"
#include "scrape/state/write_thread.h"

namespace scrape {

class StateKeeper {
 public:
  // `wake` is called on another thread when a write has ended: Turn is to follow.
  StateKeeper(std::unique_ptr<StateFile> file, std::function<void()> wake);

  // To be called once, before anything is asked.
  void Resume(KeyTable& keys, Schedule& schedule, Moment now);
  // Of a key that has just been added: true when something was known of it.
  bool Resume(KeyRecord& record, std::size_t place, Schedule& schedule, Moment now);
  // A key is about to go: what is known of it is kept for some days.
  void Keep(KeyRecord& record, std::size_t place, const Schedule& schedule, Moment now);

  // Something of what is written has changed.
  void Changed() { changed_ = true; }
  // Something that must not be lost: it is written at once.
  void Hurry() {
    changed_ = true;
    next_ = {};
  }
  // Writes if it is time to, and takes note of what has been written. True: there is something new
  // to publish.
  bool Turn(KeyTable& keys, Schedule& schedule, Moment now);
  // When Turn has something to do by time alone; SteadyTime::max(): nothing.
  [[nodiscard]] SteadyTime NextWake() const;
  // Writes the last state; returns within a second. Nothing else is to be called afterwards.
  void Finish(KeyTable& keys, Schedule& schedule, Moment now);

  [[nodiscard]] std::uint64_t Failures() const { return failures_; }

 private:
  using Identity = std::pair<std::string, std::string>;  // name, base URL

  [[nodiscard]] SavedKeyHead HeadOf(KeyRecord& record, std::size_t place, const Schedule& schedule,
                                    Moment now) const;
  [[nodiscard]] std::string Text(KeyTable& keys, const Schedule& schedule, Moment now) const;
  void Load(Moment now);
  void Note(const std::string& error, SteadyTime now);

  const std::string path_;
  const std::string aside_path_;
  std::unique_ptr<StateFile> file_;  // until the thread has it
  std::function<void()> wake_;
  std::unique_ptr<WriteThread> thread_;
  std::string salt_;
  std::map<Identity, SavedKey> elsewhere_;  // keys that are not configured at present
  std::vector<SavedHost> hosts_;
  bool changed_ = false;
  bool writing_ = false;
  SteadyTime began_{};
  SteadyTime next_{};
  std::uint64_t failures_ = 0;
  std::uint64_t failures_told_ = 0;
  SteadyTime tell_again_{};
  bool failing_ = false;
};

}  // namespace scrape
