#pragma once
// Where the scrape thread leaves the newest Snapshot and everybody else picks it up. Thread-safe:
// the mutex is held for the swap of a pointer only.

#include <memory>

#include "scrape/mutex.h"
#include "scrape/snapshot.h"

namespace scrape {

class SnapshotStore {
 public:
  void Publish(std::shared_ptr<const Snapshot> snapshot);
  // Never null: an empty snapshot before the first Publish.
  [[nodiscard]] std::shared_ptr<const Snapshot> Get() const;

 private:
  mutable Mutex mutex_;
  std::shared_ptr<const Snapshot> snapshot_ GUARDED_BY(mutex_) = std::make_shared<const Snapshot>();
};

}  // namespace scrape
