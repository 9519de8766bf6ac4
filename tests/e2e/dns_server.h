#pragma once
// A name server on loopback that answers as told, and the way to make one program ask it: a mount
// namespace with an /etc/resolv.conf of its own, as port 53 and this file are fixed. Both need
// root. Owned by a test; thread-safe.

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "http/file_descriptor.h"
#include "tests/temp_dir.h"

namespace test {

class DnsServer {
 public:
  enum class Reply { kNoSuchName, kLoopback, kNone };

  // Why there can be none here: no right to use port 53 or to make a mount namespace.
  [[nodiscard]] static std::optional<std::string> Obstacle();

  DnsServer();
  ~DnsServer();
  DnsServer(const DnsServer&) = delete;
  DnsServer& operator=(const DnsServer&) = delete;
  DnsServer(DnsServer&&) = delete;
  DnsServer& operator=(DnsServer&&) = delete;

  // Of names that were not set: kNoSuchName.
  void Set(const std::string& name, Reply reply);
  // How often the name was asked for.
  [[nodiscard]] int Questions(const std::string& name) const;
  // Words before a program's own that make it ask this server.
  [[nodiscard]] std::vector<std::string> Launcher() const;

 private:
  void Serve();
  [[nodiscard]] std::string AnswerTo(std::string_view question);

  http::FileDescriptor socket_;
  http::FileDescriptor stop_;  // an eventfd
  TempDir dir_;
  std::string resolv_conf_;
  mutable std::mutex mutex_;  // guards the two below
  std::map<std::string, Reply> replies_;
  std::map<std::string, int> questions_;
  std::thread thread_;
};

}  // namespace test
