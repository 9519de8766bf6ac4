#pragma once
// Where Alertmanager sends its notifications: an HTTP server on loopback that keeps what it is
// told. Owned by a test; one thread of its own, the functions may be called on any.

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "http/file_descriptor.h"

namespace test {

// One alert of one notification.
struct Notification {
  std::string receiver;
  std::string status;  // "firing" or "resolved"
  std::map<std::string, std::string> labels;
  std::map<std::string, std::string> annotations;
};

class AlertSink {
 public:
  AlertSink();  // throws std::runtime_error when it cannot listen
  ~AlertSink();
  AlertSink(const AlertSink&) = delete;
  AlertSink& operator=(const AlertSink&) = delete;
  AlertSink(AlertSink&&) = delete;
  AlertSink& operator=(AlertSink&&) = delete;

  [[nodiscard]] std::string Url() const;
  // In the order of arrival; the same alert again whenever it was told again.
  [[nodiscard]] std::vector<Notification> Notifications() const;

 private:
  void Serve();
  void Answer(int connection);
  void Keep(std::string_view body);

  http::FileDescriptor listener_;
  std::uint16_t port_ = 0;
  std::atomic<bool> stopping_{false};
  mutable std::mutex mutex_;  // guards notifications_
  std::vector<Notification> notifications_;
  std::thread thread_;
};

}  // namespace test
