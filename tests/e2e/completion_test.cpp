// Completion in real shells, typed in a real terminal.

#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/e2e/tmux.h"

using test::Tmux;

namespace {

const std::string kCompletions = std::string(MDCLOUD_SOURCE_DIR) + "/completions";

// A shell in a directory with some files, which completes.
struct Shell {
  std::string name;
  std::string command;
};

std::vector<Shell> Shells(const test::TempDir& dir) {
  const std::string zsh =
      dir.Write("zsh/.zshrc", "PS1='$ '\nfpath=(" + kCompletions +
                                  " $fpath)\nautoload -U compinit\ncompinit -u -d " + dir.path() +
                                  "/zcompdump\n");
  const std::string begin = "cd " + dir.path() + "/work\nPS1='$ '\nbind 'set bell-style none'\n";
  const std::string source = "source " + kCompletions + "/mdcloud_exporter.bash\n";
  const std::string plain = dir.Write("plain", begin + source);
  const std::string with =
      dir.Write("with", begin + "source /usr/share/bash-completion/bash_completion\n" + source);
  return {{"bash", "bash --noprofile --rcfile " + plain},
          {"bash with bash-completion", "bash --noprofile --rcfile " + with},
          {"zsh", "sh -c 'cd " + dir.path() + "/work && ZDOTDIR=" + dir.path() + "/zsh exec zsh'"}};
}

// What stands in the line after typing and pressing Tab.
bool Completes(Tmux& terminal, const std::string& typed, const std::string& completed) {
  terminal.Press("C-u");
  terminal.Type(typed);
  if (!terminal.Shows("$ " + typed)) return false;
  terminal.Press("Tab");
  return terminal.Shows("$ " + completed);
}

}  // namespace

TEST_CASE("commands, flags and values are completed in bash and zsh") {
  const test::TempDir dir;
  dir.Write("work/my config.yaml", "");
  dir.Write("work/state/file", "");
  for (const Shell& shell : Shells(dir)) {
    CAPTURE(shell.name);
    Tmux terminal(120, 50, shell.command);
    REQUIRE(terminal.Shows("$"));
    const auto completes = [&](const std::string& typed, const std::string& completed) {
      CAPTURE(typed);
      CHECK(Completes(terminal, "mdcloud_exporter " + typed, "mdcloud_exporter " + completed));
      CAPTURE(terminal.Screen());
    };
    completes("st", "status");
    completes("heal", "healthcheck");
    completes("--log.le", "--log.level=");
    completes("--log.level=de", "--log.level=debug");
    completes("--log.format js", "--log.format json");
    completes("status --output.f", "status --output.file=");
    completes("status --output=j", "status --output=json");
    completes("--no-m", "--no-metrics.expiration-days");
    completes("--config.file=my", "--config.file=my\\ config.yaml");
    completes("--config.file my\\ c", "--config.file my\\ config.yaml");
    completes("--storage.path=st", "--storage.path=state/");
    // Everything is offered, and nothing of it twice.
    terminal.Press("C-u");
    terminal.Type("mdcloud_exporter --web.");
    terminal.Press("Tab");
    terminal.Press("Tab");
    CHECK(terminal.Shows("--web.listen-address"));
    CHECK(terminal.Shows("--web.max-connections"));
  }
}
