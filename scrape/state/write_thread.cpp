#include "scrape/state/write_thread.h"

#include <utility>

#include "scrape/mutex.h"

namespace scrape {

struct WriteThread::Shared {
  std::unique_ptr<StateFile> file;  // of the thread
  Mutex mutex;
  std::condition_variable_any changed;
  std::function<void()> done GUARDED_BY(mutex);  // empty once nobody listens
  std::optional<std::string> given GUARDED_BY(mutex);
  std::optional<std::string> result GUARDED_BY(mutex);
  bool ends GUARDED_BY(mutex) = false;
  bool ended GUARDED_BY(mutex) = false;

  void Run() {
    for (;;) {
      std::string text;
      {
        const MutexLock lock(mutex);
        while (!given && !ends) changed.wait(mutex);
        if (!given) {
          file.reset();  // and with it the lock
          ended = true;
          changed.notify_all();
          return;
        }
        text = *std::exchange(given, std::nullopt);
      }
      std::string error = file->Write(text);
      const MutexLock lock(mutex);
      result = std::move(error);
      if (done) done();
    }
  }
};

WriteThread::WriteThread(std::unique_ptr<StateFile> file, std::function<void()> done)
    : shared_(std::make_shared<Shared>()) {
  shared_->file = std::move(file);
  {
    const MutexLock lock(shared_->mutex);
    shared_->done = std::move(done);
  }
  thread_ = std::thread([shared = shared_] { shared->Run(); });
}

WriteThread::~WriteThread() { Stop(std::chrono::milliseconds(0)); }

void WriteThread::Give(std::string text) {
  const MutexLock lock(shared_->mutex);
  shared_->given = std::move(text);
  shared_->changed.notify_all();
}

std::optional<std::string> WriteThread::Take() {
  const MutexLock lock(shared_->mutex);
  return std::exchange(shared_->result, std::nullopt);
}

bool WriteThread::Stop(std::chrono::milliseconds grace) {
  if (!thread_.joinable()) return true;
  const auto until = std::chrono::steady_clock::now() + grace;
  bool ended = false;
  {
    const MutexLock lock(shared_->mutex);
    shared_->ends = true;
    shared_->changed.notify_all();
    while (!shared_->ended) {
      if (shared_->changed.wait_until(shared_->mutex, until) == std::cv_status::timeout) break;
    }
    ended = shared_->ended;
    shared_->done = nullptr;
  }
  if (ended) {
    thread_.join();
  } else {
    thread_.detach();
  }
  return ended;
}

}  // namespace scrape
