#pragma once
// A program of somebody else that listens on a port of loopback which it has to be told. One
// thread.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/e2e/process.h"

namespace test {

class LoopbackDaemon {
 public:
  // `words`: the command for a port. Throws std::runtime_error when nothing listens there in time.
  explicit LoopbackDaemon(std::function<std::vector<std::string>(std::uint16_t port)> words);
  ~LoopbackDaemon();
  LoopbackDaemon(const LoopbackDaemon&) = delete;
  LoopbackDaemon& operator=(const LoopbackDaemon&) = delete;
  LoopbackDaemon(LoopbackDaemon&&) = delete;
  LoopbackDaemon& operator=(LoopbackDaemon&&) = delete;

  [[nodiscard]] std::uint16_t Port() const { return port_; }
  [[nodiscard]] Process& process() const { return *process_; }
  // Gone at once; Start listens on the same port again.
  void Kill();
  void Start();

 private:
  [[nodiscard]] bool TryStart();

  const std::function<std::vector<std::string>(std::uint16_t port)> words_;
  std::uint16_t port_ = 0;
  std::unique_ptr<Process> process_;
};

}  // namespace test
