#pragma once
// The server's thread: accepts connections, lets libmicrohttpd work, makes room at the limit, shuts
// down what is late, and lets held requests go when their time has come or their answer is there.
// Owned by the server; Start and Stop belong to its controlling thread.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string_view>
#include <thread>
#include <vector>

#include "http/answer_queue.h"
#include "http/connection_table.h"
#include "http/daemon.h"
#include "http/file_descriptor.h"
#include "http/held_requests.h"

struct pollfd;

namespace http {

class EventLoop {
 public:
  // `check_interval`: how late a deadline may be noticed. Table, requests and daemon are the
  // thread's alone from Start to the end of Stop.
  EventLoop(std::vector<FileDescriptor> listeners, std::chrono::milliseconds check_interval,
            std::function<void(std::string_view)> on_problem, ConnectionTable& table,
            HeldRequests& held, AnswerQueue& answers, Daemon& daemon);
  ~EventLoop();  // as Stop()
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;
  EventLoop(EventLoop&&) = delete;
  EventLoop& operator=(EventLoop&&) = delete;

  void Start();
  // Closes the listeners, answers held requests with 503, finishes what is being sent within half a
  // second, and joins the thread. Idempotent.
  void Stop();

 private:
  void Run();
  void Turn();
  void RunToEnd();
  void LetGoWhatIsDue(TimePoint now);
  [[nodiscard]] std::vector<pollfd> WhatToWatch(TimePoint now) const;
  [[nodiscard]] int PollTimeout(TimePoint now) const;
  void AcceptOne(int listener);

  std::vector<FileDescriptor> listeners_;
  const std::chrono::milliseconds check_interval_;
  const std::function<void(std::string_view)> on_problem_;
  ConnectionTable& table_;
  HeldRequests& held_;
  AnswerQueue& answers_;
  Daemon& daemon_;
  // Turns without anything new. After one with something libmicrohttpd is run again at once: what
  // it left for its next run it does not always announce.
  int quiet_turns_ = 1;
  std::uint64_t tls_bytes_ = 0;  // at the end of the last turn
  TimePoint next_check_;         // of the deadlines
  TimePoint paused_until_;       // nothing is accepted before
  TimePoint next_problem_line_;  // so that a lack of descriptors does not fill the log
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace http
