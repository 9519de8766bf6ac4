#include "exporter/cli/signals.h"

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>

// Each case runs in a child, because signals belong to the whole process.
namespace {

int StatusOf(void (*body)()) {
  const pid_t child = fork();
  if (child == 0) {
    body();
    _exit(0);
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

int ExitCodeOf(void (*body)()) {
  const int status = StatusOf(body);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

}  // namespace

TEST_CASE("blocked signals wait to be taken, none kills") {
  CHECK(ExitCodeOf([] {
          exporter::BlockSignals();
          raise(SIGHUP);
          if (exporter::WaitForSignal(std::chrono::seconds(20)) != exporter::Signal::kReload)
            _exit(10);
          raise(SIGTERM);
          if (exporter::WaitForSignal(std::chrono::seconds(20)) != exporter::Signal::kStop)
            _exit(11);
          raise(SIGINT);
          if (exporter::WaitForSignal(std::chrono::seconds(20)) != exporter::Signal::kStop)
            _exit(12);
          raise(SIGPIPE);
          _exit(42);
        }) == 42);
}

TEST_CASE("a second signal exits at once with 1") {
  CHECK(ExitCodeOf([] {
          exporter::BlockSignals();
          const exporter::ExitOnSignal guard(1, std::chrono::hours(1));
          kill(getpid(), SIGTERM);
          pause();  // ended by the guard
        }) == 1);
}

TEST_CASE("without a second signal the stop goes on") {
  CHECK(ExitCodeOf([] {
          exporter::BlockSignals();
          { const exporter::ExitOnSignal guard(1, std::chrono::hours(1)); }
          _exit(0);
        }) == 0);
}

TEST_CASE("a stop that hangs ends after its time all the same, with 0") {
  CHECK(ExitCodeOf([] {
          exporter::BlockSignals();
          const exporter::ExitOnSignal guard(1, std::chrono::milliseconds(30));
          pause();  // ended by the guard
        }) == 0);
}

TEST_CASE("a signal during the start ends it with 0") {
  CHECK(ExitCodeOf([] {
          exporter::BlockSignals();
          const exporter::ExitOnSignal guard(0);
          kill(getpid(), SIGTERM);
          pause();
          _exit(10);
        }) == 0);
}
