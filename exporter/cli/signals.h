#pragma once
// Signals without handlers: blocked before the first thread, waited for by the main thread.

#include <thread>

namespace exporter {

enum class Signal { kStop, kReload };

// Blocks SIGINT, SIGTERM and SIGHUP for this thread and those it starts, ignores SIGPIPE. First
// thing in main.
void BlockSignals();

// Waits; SIGINT and SIGTERM are kStop, SIGHUP is kReload. Main thread.
[[nodiscard]] Signal WaitForSignal();

// While it lives, SIGINT and SIGTERM end the process at once with exit code 1: a person who sends a
// second one does not want to wait for the graceful stop. Owned by the main thread. (The default
// action would not do: as PID 1 it is none.)
class ExitOnSecondSignal {
 public:
  ExitOnSecondSignal();

 private:
  std::jthread watcher_;
};

}  // namespace exporter
