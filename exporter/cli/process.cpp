#include "exporter/cli/process.h"

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

}  // namespace exporter
