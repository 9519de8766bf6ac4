#pragma once
// The listening sockets that systemd opened for this process (socket activation). Main thread.

#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "http/file_descriptor.h"

namespace exporter {

// At least one; whether they listen is for the server to see. Called once: they belong to the
// caller. The error is a sentence.
[[nodiscard]] tl::expected<std::vector<http::FileDescriptor>, std::string> TakeSystemdSockets();

}  // namespace exporter
