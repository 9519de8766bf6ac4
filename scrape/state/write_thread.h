#pragma once
// Writes a state file on a thread of its own: a disk may take seconds, or never answer. Give, Take
// and Stop belong to one thread.

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "scrape/state/state_file.h"

namespace scrape {

class WriteThread {
 public:
  // `done` is called on the thread after each write.
  WriteThread(std::unique_ptr<StateFile> file, std::function<void()> done);
  ~WriteThread();  // as Stop, without any grace
  WriteThread(const WriteThread&) = delete;
  WriteThread& operator=(const WriteThread&) = delete;
  WriteThread(WriteThread&&) = delete;
  WriteThread& operator=(WriteThread&&) = delete;

  // Writes `text`; in place of one that was given before and is not being written yet.
  void Give(std::string text);
  // What came of a write that has ended since the last call: empty if all is well, else what the
  // system says.
  [[nodiscard]] std::optional<std::string> Take();
  // Ends once all that was given is written. False: not within `grace`; then the thread is left to
  // itself.
  bool Stop(std::chrono::milliseconds grace);

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;  // the thread may outlive this object
  std::thread thread_;
};

}  // namespace scrape
