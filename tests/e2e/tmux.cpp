#include "tests/e2e/tmux.h"

#include <doctest/doctest.h>

#include <vector>

namespace test {

Tmux::Tmux(int columns, int rows, const std::string& command,
           const std::map<std::string, std::string>& environment) {
  // No settings of whoever runs the test.
  const std::string config = dir_.Write("tmux.conf", "set -g status off\n");
  std::string variables = "TERM=tmux-256color LC_ALL=C.UTF-8";
  for (const auto& [name, value] : environment) {
    variables.append(" ").append(name).append("='").append(value).append("'");
  }
  const std::string script = dir_.Write("run", "trap : INT\nenv -i PATH=\"$PATH\" " + variables +
                                                   " " + command + "\necho ended with $?\ncat\n");
  Ask({"-u", "-f", config, "new-session", "-d", "-x", std::to_string(columns), "-y",
       std::to_string(rows), "sh " + script});
}

Tmux::~Tmux() { Ask({"kill-server"}); }

std::string Tmux::Ask(const std::vector<std::string>& words) const {
  std::vector<std::string> arguments = {"/usr/bin/tmux", "-S", dir_.path() + "/socket"};
  arguments.insert(arguments.end(), words.begin(), words.end());
  Process tmux(arguments, {{"LC_ALL", "C.UTF-8"}, {"TERM", "xterm-256color"}});
  CHECK_MESSAGE(tmux.Wait() == 0, tmux.Err());
  std::string out;
  // The pipe may be read a moment after the end.
  if (words[0] == "capture-pane") {
    (void)Eventually([&] { return !(out = tmux.Out()).empty(); });
  }
  return out;
}

std::string Tmux::Screen(bool painted) const {
  return painted ? Ask({"capture-pane", "-p", "-e"}) : Ask({"capture-pane", "-p"});
}

bool Tmux::Shows(const std::string& text, std::chrono::milliseconds timeout) const {
  return Eventually([&] { return Screen().find(text) != std::string::npos; }, timeout);
}

void Tmux::Press(const std::string& key) { Ask({"send-keys", key}); }

void Tmux::Type(const std::string& text) { Ask({"send-keys", "-l", text}); }

void Tmux::Resize(int columns, int rows) {
  Ask({"resize-window", "-x", std::to_string(columns), "-y", std::to_string(rows)});
}

}  // namespace test
