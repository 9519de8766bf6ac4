#include "exporter/cli/signals.h"

#include <signal.h>
#include <unistd.h>

#include <ctime>
#include <initializer_list>
#include <optional>
#include <stop_token>

#include "exporter/cli/flags.h"

namespace exporter {
namespace {

sigset_t SetOf(std::initializer_list<int> signals) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : signals) sigaddset(&set, signal);
  return set;
}

void ExitWhenSignalled(const std::stop_token& stop, int code,
                       std::optional<std::chrono::steady_clock::time_point> deadline) {
  const sigset_t set = SetOf({SIGINT, SIGTERM});
  constexpr timespec kPause{0, 20'000'000};  // how long the end of this thread may take
  while (!stop.stop_requested()) {
    if (sigtimedwait(&set, nullptr, &kPause) > 0) _exit(code);
    if (deadline && std::chrono::steady_clock::now() >= *deadline) _exit(kExitOk);
  }
}

}  // namespace

void BlockSignals() {
  const sigset_t set = SetOf({SIGINT, SIGTERM, SIGHUP, SIGWINCH});
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &ignore, nullptr);
  sigaction(SIGXFSZ, &ignore, nullptr);  // a file that may not grow is an error of its writer
}

std::optional<Signal> WaitForSignal(std::chrono::milliseconds timeout) {
  const sigset_t set = SetOf({SIGINT, SIGTERM, SIGHUP, SIGWINCH});
  const auto seconds = std::chrono::floor<std::chrono::seconds>(timeout);
  const timespec time{seconds.count(), std::chrono::nanoseconds(timeout - seconds).count()};
  switch (sigtimedwait(&set, nullptr, &time)) {
    case SIGHUP:
      return Signal::kReload;
    case SIGWINCH:
      return Signal::kResize;
    case SIGINT:
    case SIGTERM:
      return Signal::kStop;
    default:
      return std::nullopt;
  }
}

ExitOnSignal::ExitOnSignal(int code) : watcher_(ExitWhenSignalled, code, std::nullopt) {}

ExitOnSignal::ExitOnSignal(int code, std::chrono::milliseconds at_most)
    : watcher_(ExitWhenSignalled, code, std::chrono::steady_clock::now() + at_most) {}

}  // namespace exporter
