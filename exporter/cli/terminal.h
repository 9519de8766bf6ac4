#pragma once
// What an output is: a terminal, how wide, with which colours and characters; and the line on it
// that tells how far a long wait is. Main thread.

#include <chrono>
#include <cstddef>
#include <string>

#include "exporter/config/surroundings.h"
#include "exporter/status/status_table.h"

namespace exporter {

[[nodiscard]] bool IsTerminal(int file);

struct TerminalSize {
  std::size_t columns = 80;
  std::size_t rows = 0;  // 0: no end
};
// Of a terminal, else 80 columns.
[[nodiscard]] TerminalSize SizeOf(int file);

// Colours on a terminal only, unless NO_COLOR or TERM=dumb is set; block characters where the
// locale has them.
[[nodiscard]] TableStyle StyleFor(int file, const EnvironmentVariable& variable);

// "asked 120 of 1000 keys", on standard error if that is a terminal, once it takes longer than a
// second; gone when it is destroyed.
class ProgressLine {
 public:
  ProgressLine();
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;
  ProgressLine(ProgressLine&&) = delete;
  ProgressLine& operator=(ProgressLine&&) = delete;

  void Show(std::size_t asked, std::size_t all);

 private:
  const bool terminal_;
  const std::chrono::steady_clock::time_point begin_;
  std::string shown_;
};

}  // namespace exporter
