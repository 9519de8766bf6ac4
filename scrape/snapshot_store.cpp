#include "scrape/snapshot_store.h"

#include <utility>

namespace scrape {

void SnapshotStore::Publish(std::shared_ptr<const Snapshot> snapshot) {
  const MutexLock lock(mutex_);
  snapshot_.swap(
      snapshot);  // the parameter takes the old one along and frees it after the lock is gone
}

std::shared_ptr<const Snapshot> SnapshotStore::Get() const {
  const MutexLock lock(mutex_);
  return snapshot_;
}

}  // namespace scrape
