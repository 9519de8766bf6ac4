#include "exporter/cli/process.h"

#include <fcntl.h>
#include <malloc.h>
#include <sys/prctl.h>
#include <sys/resource.h>

namespace exporter {

void ProtectMemory() {
  const rlimit none{0, 0};
  (void)setrlimit(RLIMIT_CORE, &none);
#if !defined(__SANITIZE_ADDRESS__)  // its leak check attaches to the process
  (void)prctl(PR_SET_DUMPABLE, 0);
#endif
}

void FillStandardStreams() {
  for (int fd = 0; fd <= 2; ++fd) {
    // The lowest number is taken: this one.
    if (fcntl(fd, F_GETFD) == -1) (void)open("/dev/null", O_RDWR);  // NOLINT: kept on purpose
  }
}

void ShareHeap() {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): called before any other thread is there
  (void)mallopt(M_ARENA_MAX, 1);
}

void RaiseFileLimit() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  (void)setrlimit(RLIMIT_NOFILE, &files);
}

}  // namespace exporter
