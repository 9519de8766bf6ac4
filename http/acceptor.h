#pragma once
// The server's second thread: accepts connections for the event loop, makes room at the limit,
// shuts down what is late, and lets held requests go when their time has come. Owned by the server;
// Start and Stop belong to its controlling thread.

#include <atomic>
#include <chrono>
#include <functional>
#include <string_view>
#include <thread>
#include <vector>

#include "http/connection_table.h"
#include "http/event_loop.h"
#include "http/file_descriptor.h"
#include "http/held_requests.h"

struct pollfd;

namespace http {

class Acceptor {
 public:
  // `check_interval`: how late a deadline may be noticed.
  Acceptor(std::vector<FileDescriptor> listeners, std::chrono::milliseconds check_interval,
           std::function<void(std::string_view)> on_problem, ConnectionTable& table,
           HeldRequests& held, EventLoop& loop);
  ~Acceptor();  // as Stop()
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;
  Acceptor(Acceptor&&) = delete;
  Acceptor& operator=(Acceptor&&) = delete;

  void Start();
  // Joins the thread and closes the listeners. Idempotent.
  void Stop();

 private:
  void Run();
  [[nodiscard]] std::vector<pollfd> WhatToWatch(TimePoint now) const;
  [[nodiscard]] int PollTimeout(TimePoint now) const;
  void Handle(const std::vector<pollfd>& watched);
  void AcceptOne(int listener);

  std::vector<FileDescriptor> listeners_;
  const std::chrono::milliseconds check_interval_;
  const std::function<void(std::string_view)> on_problem_;
  ConnectionTable& table_;
  HeldRequests& held_;
  EventLoop& loop_;
  TimePoint paused_until_;       // nothing is accepted before
  TimePoint next_problem_line_;  // so that a lack of descriptors does not fill the log
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace http
