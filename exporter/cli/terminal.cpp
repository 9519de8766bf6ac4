#include "exporter/cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <optional>

#include <fmt/format.h>

namespace exporter {
namespace {

constexpr std::string_view kToLineStart = "\r\x1b[K";  // and clear the line

// As setlocale looks for it; the C locale of this process stays as it is.
bool HasUnicode(const EnvironmentVariable& variable) {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    std::string locale = variable(name).value_or("");
    if (locale.empty()) continue;
    std::ranges::transform(locale, locale.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return locale.ends_with("utf-8") || locale.ends_with("utf8");
  }
  return false;
}

}  // namespace

bool IsTerminal(int file) { return isatty(file) == 1; }

TerminalSize SizeOf(int file) {
  winsize size{};
  if (ioctl(file, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return {};
  return {.columns = size.ws_col, .rows = size.ws_row};
}

TableStyle StyleFor(int file, const EnvironmentVariable& variable) {
  const bool colour = IsTerminal(file) && variable("NO_COLOR").value_or("").empty() &&
                      variable("TERM").value_or("dumb") != "dumb";
  return {.width = SizeOf(file).columns, .colour = colour, .unicode = HasUnicode(variable)};
}

ProgressLine::ProgressLine()
    : terminal_(IsTerminal(STDERR_FILENO)), begin_(std::chrono::steady_clock::now()) {}

ProgressLine::~ProgressLine() {
  if (!shown_.empty()) std::cerr << kToLineStart << std::flush;
}

void ProgressLine::Show(std::size_t asked, std::size_t all) {
  constexpr std::chrono::seconds kPatience{1};
  if (!terminal_ || std::chrono::steady_clock::now() - begin_ < kPatience) return;
  const std::string line = fmt::format("asked {} of {} {}", asked, all, all == 1 ? "key" : "keys");
  if (line == shown_) return;
  shown_ = line;
  // A line that wraps cannot be cleared.
  std::cerr << kToLineStart << line.substr(0, SizeOf(STDERR_FILENO).columns - 1) << std::flush;
}

}  // namespace exporter
