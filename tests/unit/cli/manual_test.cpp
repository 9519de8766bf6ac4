// The manual page and the completions say what the program can.

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <sstream>
#include <string>

#include "exporter/cli/flags.h"
#include "exporter/cli/help.h"
#include "tests/read_text.h"

namespace {

using Names = std::set<std::string>;

std::string Read(const std::string& path) {
  return test::ReadText(std::filesystem::path(MDCLOUD_SOURCE_DIR) / path);
}

bool IsFlagCharacter(char c) { return (c >= 'a' && c <= 'z') || c == '-' || c == '.'; }

// What begins with two dashes, wherever it stands.
Names FlagsIn(const std::string& text) {
  Names names;
  for (std::size_t at = text.find("--"); at != std::string::npos; at = text.find("--", at + 2)) {
    const auto end = std::find_if_not(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(),
                                      IsFlagCharacter);
    const std::string name(text.begin() + static_cast<std::ptrdiff_t>(at), end);
    if (name.size() > 2) names.insert(name);
  }
  return names;
}

// As they are typed: both of "--[no-]x".
Names TypedFlags() {
  Names names = {"--help", "--version"};
  for (const exporter::Flag& flag : exporter::kFlags) {
    std::string name(flag.name);
    if (const std::size_t no = name.find("[no-]"); no != std::string::npos) {
      std::string negated = name;
      names.insert(negated.replace(no, 5, "no-"));
      name.erase(no, 5);
    }
    names.insert(name);
  }
  return names;
}

Names CommandsOfHelp() {
  Names names;
  std::istringstream lines(exporter::HelpText());
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("  ") && line.size() > 2 && line[2] >= 'a' && line[2] <= 'z') {
      names.insert(line.substr(2, line.find(' ', 2) - 2));
    }
  }
  return names;
}

// The items of the lists that begin with `macro`: the word after it.
Names ItemsOf(const std::string& page, const std::string& macro) {
  Names names;
  std::istringstream lines(page);
  for (std::string line; std::getline(lines, line);) {
    const std::string begin = ".It " + macro + " ";
    if (!line.starts_with(begin)) continue;
    names.insert(line.substr(begin.size(), line.find(' ', begin.size()) - begin.size()));
  }
  return names;
}

}  // namespace

TEST_CASE("the manual page tells of every command and flag, and of no other one") {
  const std::string page = Read("docs/mdcloud_exporter.1");
  CHECK(CommandsOfHelp() == Names{"check", "demo", "healthcheck", "once", "status"});
  CHECK(ItemsOf(page, "Cm") == CommandsOfHelp());
  CHECK(ItemsOf(page, "Ev") ==
        Names{"MDCLOUD_APIKEY", "MDCLOUD_APIKEY_FILE", "MDCLOUD_BASE_URL", "NO_COLOR"});
  for (const char* words : {"debug", "info", "warn", "error", "logfmt", "json", "table"}) {
    CAPTURE(words);
    CHECK(page.find(".Cm " + std::string(words)) != std::string::npos);
  }
  Names flags;
  for (const std::string& flag : ItemsOf(page, "Fl")) flags.insert("-" + flag);
  Names expected = {"--help", "--version"};
  for (const exporter::Flag& flag : exporter::kFlags) expected.insert(std::string(flag.name));
  CHECK(flags == expected);
  for (const exporter::Flag& flag : exporter::kFlags) {
    CAPTURE(flag.name);
    const std::string name = ".It Fl " + std::string(flag.name.substr(1));
    const std::string item = flag.argument.empty()
                                 ? name + "\n"
                                 : name + " Ns = Ns Ar " + std::string(flag.argument) + "\n";
    const std::size_t begin = page.find(item);
    REQUIRE(begin != std::string::npos);
    const std::string text = page.substr(begin, page.find("\n.It ", begin) - begin);
    const bool has_default = text.find("Default:") != std::string::npos;
    CHECK(has_default == !flag.default_value.empty());
    CHECK(text.find(std::string(flag.default_value)) != std::string::npos);
  }
}

TEST_CASE("the completions offer every flag and command, and no other one") {
  for (const char* file : {"completions/mdcloud_exporter.bash", "completions/_mdcloud_exporter"}) {
    CAPTURE(file);
    const std::string text = Read(file);
    CHECK(FlagsIn(text) == TypedFlags());
    for (const std::string& command : CommandsOfHelp()) {
      CAPTURE(command);
      CHECK(text.find(command) != std::string::npos);
    }
  }
}
