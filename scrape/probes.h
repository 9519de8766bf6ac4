#pragma once
// Who wants to know a key anew, and waits for it: "/probe". Ask is for every thread, all else for
// the scrape thread, which owns this object.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "scrape/key_table.h"
#include "scrape/moment.h"
#include "scrape/mutex.h"
#include "scrape/schedule/schedule.h"
#include "scrape/snapshot.h"

namespace scrape {

// What is known of the key then; null when there is no key of that name. Called on the scrape
// thread, which must not be held up.
using ProbeDone = std::function<void(std::shared_ptr<const KeyState>)>;

struct Probe {
  std::string key;
  SteadyTime until;  // then it is answered with what there is
  ProbeDone done;    // dropped when the scrape thread ends before
};

class Probes {
 public:
  // Both must outlive this object.
  Probes(Schedule& schedule, KeyTable& keys) : schedule_(schedule), keys_(keys) {}

  void Ask(Probe probe);
  // From here on nothing is taken, and who waits is dropped.
  void Close();

  // Brings forward what is asked for. True: something has changed.
  bool Begin(Moment now);
  // Answers those whose keys are asked through, or whose time is up.
  void Answer(Moment now);
  [[nodiscard]] SteadyTime NextDeadline() const;

 private:
  struct Waiting {
    Probe probe;
    SteadyTime since;
  };

  Schedule& schedule_;
  KeyTable& keys_;
  std::vector<Waiting> waiting_;
  Mutex mutex_;
  std::vector<Probe> asked_ GUARDED_BY(mutex_);
  bool closed_ GUARDED_BY(mutex_) = false;
};

}  // namespace scrape
