#include "exporter/cli/systemd_sockets.h"

#include <fmt/format.h>
#include <systemd/sd-daemon.h>

#include <cstddef>
#include <system_error>

namespace exporter {

tl::expected<std::vector<http::FileDescriptor>, std::string> TakeSystemdSockets() {
  const int count = sd_listen_fds(0);
  if (count < 0) {
    return tl::make_unexpected(
        fmt::format("--web.systemd-socket: the sockets of systemd cannot be used: {}",
                    std::generic_category().message(-count)));
  }
  if (count == 0) {
    return tl::make_unexpected(std::string(
        "--web.systemd-socket: systemd has handed over no socket; is there a .socket unit of the "
        "service's name, and was it started?"));
  }
  std::vector<http::FileDescriptor> sockets;
  sockets.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) sockets.emplace_back(SD_LISTEN_FDS_START + i);
  return sockets;
}

}  // namespace exporter
