#pragma once
// std::mutex with the annotations that clang's thread-safety analysis needs: the twin of
// scrape/mutex.h, a room that this one does not depend on. For .cpp files, any thread.

#include <mutex>

#if defined(__clang__)
#define MDCLOUD_THREAD_ANNOTATION(x) __attribute__((x))
#else
#define MDCLOUD_THREAD_ANNOTATION(x)
#endif
#define GUARDED_BY(x) MDCLOUD_THREAD_ANNOTATION(guarded_by(x))
#define REQUIRES(x) MDCLOUD_THREAD_ANNOTATION(requires_capability(x))

namespace simulator {

class MDCLOUD_THREAD_ANNOTATION(capability("mutex")) Mutex {
 public:
  void lock() MDCLOUD_THREAD_ANNOTATION(acquire_capability()) { mutex_.lock(); }
  void unlock() MDCLOUD_THREAD_ANNOTATION(release_capability()) { mutex_.unlock(); }

 private:
  std::mutex mutex_;
};

// Holds a Mutex for its own lifetime.
class MDCLOUD_THREAD_ANNOTATION(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) MDCLOUD_THREAD_ANNOTATION(acquire_capability(mutex))
      : mutex_(mutex) {
    mutex_.lock();
  }
  ~MutexLock() MDCLOUD_THREAD_ANNOTATION(release_capability()) { mutex_.unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;
  MutexLock(MutexLock&&) = delete;
  MutexLock& operator=(MutexLock&&) = delete;

 private:
  Mutex& mutex_;
};

}  // namespace simulator
