#include "http/file_descriptor.h"

#include <unistd.h>

namespace http {

FileDescriptor::~FileDescriptor() {
  if (fd_ >= 0) close(fd_);
}

}  // namespace http
