#pragma once
// A program in a real terminal: tmux without a screen of its own. One thread.

#include <map>
#include <string>

#include "tests/e2e/process.h"
#include "tests/temp_dir.h"

namespace test {

class Tmux {
 public:
  // Runs the words of `command` by a shell in a terminal of that size, with exactly this
  // environment, and what a terminal has. After it has ended, "ended with CODE" stands there.
  Tmux(int columns, int rows, const std::string& command,
       const std::map<std::string, std::string>& environment = {});
  ~Tmux();  // ends it, and all that runs in it
  Tmux(const Tmux&) = delete;
  Tmux& operator=(const Tmux&) = delete;
  Tmux(Tmux&&) = delete;
  Tmux& operator=(Tmux&&) = delete;

  // What is seen, each line with its end; with colours as escape sequences if `painted`.
  [[nodiscard]] std::string Screen(bool painted = false) const;
  [[nodiscard]] bool Shows(const std::string& text,
                           std::chrono::milliseconds timeout = std::chrono::seconds(20)) const;
  void Press(const std::string& key);  // as tmux calls it: "C-c"
  void Type(const std::string& text);
  void Resize(int columns, int rows);

 private:
  std::string Ask(const std::vector<std::string>& words) const;

  TempDir dir_;
};

}  // namespace test
