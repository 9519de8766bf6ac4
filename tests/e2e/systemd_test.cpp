// What systemd sees of it: notifications, and the sockets that it hands over.

#include <doctest/doctest.h>

#include <arpa/inet.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <fstream>
#include <string>
#include <vector>

#include "http/file_descriptor.h"
#include "tests/e2e/exporter_run.h"
#include "tests/e2e/fetch.h"

using test::ExporterRun;

namespace {

// The socket of NOTIFY_SOCKET, read as systemd does.
class Notifications {
 public:
  Notifications() : path_(dir_.path() + "/notify"), socket_(socket(AF_UNIX, SOCK_DGRAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path_.copy(address.sun_path, sizeof address.sun_path - 1);
    REQUIRE(bind(socket_.Get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  }

  [[nodiscard]] const std::string& path() const { return path_; }
  // All messages so far, each with "|" behind it.
  const std::string& Told() {
    std::array<char, 4096> message{};
    for (;;) {
      const ssize_t size = recv(socket_.Get(), message.data(), message.size(), MSG_DONTWAIT);
      if (size < 0) return told_;
      told_.append(message.data(), static_cast<std::size_t>(size)).append("|");
    }
  }
  bool Tells(const std::string& text) {
    return test::Eventually([&] { return Told().find(text) != std::string::npos; });
  }

 private:
  test::TempDir dir_;
  std::string path_;
  http::FileDescriptor socket_;
  std::string told_;
};

// A shell that puts a listening socket of its own at descriptor 3 and becomes what follows.
std::vector<std::string> WithSocket(int socket) {
  return {"/bin/sh", "-c",
          "exec 3<&" + std::to_string(socket) + "; export LISTEN_FDS=1 LISTEN_PID=$$; exec \"$@\"",
          "sh"};
}

}  // namespace

TEST_CASE("systemd is told when it serves, reloads, is alive and stops") {
  simulator::Cloud cloud;
  const auto key = test::AddKey(cloud, "one");
  Notifications systemd;
  ExporterRun run(
      cloud, {.global = "",
              .key_options = "",
              .arguments = {},
              .keys = {key},
              .environment = {{"NOTIFY_SOCKET", systemd.path()}, {"WATCHDOG_USEC", "200000"}}});
  CHECK(systemd.Tells("READY=1\nSTATUS=serving at 127.0.0.1:" + run.port() + "|"));
  CHECK(systemd.Told().find("READY=1") == 0);
  for (int i = 0; i < 3; ++i) {
    const std::size_t before = systemd.Told().size();
    CHECK(test::Eventually(
        [&] { return systemd.Told().find("WATCHDOG=1|", before) != std::string::npos; }));
  }
  const std::size_t before = systemd.Told().size();
  run.process().Signal(SIGHUP);
  CHECK(systemd.Tells("RELOADING=1\nMONOTONIC_USEC="));
  CHECK(test::Eventually(
      [&] { return systemd.Told().find("READY=1\nSTATUS=serving", before) != std::string::npos; }));
  CHECK(systemd.Told().find("RELOADING=1", before) < systemd.Told().find("READY=1", before));
  std::ofstream(run.config_file(), std::ios::app) << "nonsense: 1\n";
  run.process().Signal(SIGHUP);
  CHECK(systemd.Tells("the last reload was refused|"));
  run.process().Signal(SIGTERM);
  CHECK(systemd.Tells("STOPPING=1"));
  CHECK(run.process().Wait() == 0);
  CHECK(systemd.Told().ends_with("STOPPING=1\nSTATUS=stopping|"));
}

TEST_CASE("it serves on the socket that systemd hands over, and on no other one") {
  simulator::Cloud cloud;
  const auto key = test::AddKey(cloud, "one");
  const http::FileDescriptor listener(socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  REQUIRE(bind(listener.Get(), reinterpret_cast<sockaddr*>(&address), size) == 0);
  REQUIRE(listen(listener.Get(), 16) == 0);
  REQUIRE(getsockname(listener.Get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
  const std::string port = std::to_string(ntohs(address.sin_port));
  const ExporterRun run(cloud, {.global = "",
                                .key_options = "",
                                .arguments = {"--web.systemd-socket"},
                                .keys = {key},
                                .launcher = WithSocket(listener.Get())});
  CHECK(run.port() == port);
  CHECK(run.WaitForFreshData("one"));
}

TEST_CASE("without a socket of systemd's a sentence says so") {
  simulator::Cloud cloud;
  const auto key = test::AddKey(cloud, "one");
  const test::TempDir dir;
  test::Process lost({test::BinaryPath(), "--web.systemd-socket",
                      "--config.file=" + test::WriteConfig(dir, cloud, {key})});
  CHECK(lost.Wait() == 1);
  CHECK(test::Eventually([&] {
    return lost.Err().find("--web.systemd-socket: systemd has handed over no socket") !=
           std::string::npos;
  }));
}
