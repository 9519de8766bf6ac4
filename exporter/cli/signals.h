#pragma once
// Signals without handlers: blocked before the first thread, waited for by the main thread.

#include <chrono>
#include <optional>
#include <thread>

namespace exporter {

enum class Signal { kStop, kReload, kResize };

// Blocks SIGINT, SIGTERM, SIGHUP and SIGWINCH for this thread and those it starts, ignores SIGPIPE.
// First thing in main.
void BlockSignals();

// SIGINT and SIGTERM are kStop, SIGHUP is kReload, SIGWINCH is kResize. Absent when none has come
// within `timeout`. Main thread.
[[nodiscard]] std::optional<Signal> WaitForSignal(std::chrono::milliseconds timeout);

// While it lives, SIGINT and SIGTERM end the process at once: with 0 while it starts, which may
// take as long as a file takes to be read; with 1 while it stops, since a person who sends a second
// one does not want to wait for the graceful stop. (The default action would not do: as PID 1 it is
// none.) Owned by the main thread.
class ExitOnSignal {
 public:
  explicit ExitOnSignal(int code);
  // Also ends the process with 0 after `at_most`: what holds up a stop, such as a log that nobody
  // reads, is not waited for.
  ExitOnSignal(int code, std::chrono::milliseconds at_most);

 private:
  std::jthread watcher_;
};

}  // namespace exporter
