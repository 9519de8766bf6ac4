#include "exporter/status/plain_text.h"

#include <algorithm>

namespace exporter {

std::string PlainText(std::string_view text) {
  std::string plain(text);
  std::ranges::replace_if(
      plain, [](char c) { return c < ' ' || c > '~'; }, '?');
  return plain;
}

std::string Wrapped(std::string_view text, std::size_t width, std::string_view first,
                    std::string_view rest) {
  std::string lines;
  std::string line(first);
  bool empty = true;  // but for the indent
  const auto end_line = [&] {
    lines += line + '\n';
    line = rest;
    empty = true;
  };
  while (!text.empty()) {
    const std::size_t begin = std::min(text.find_first_not_of(' '), text.size());
    text.remove_prefix(begin);
    std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(word.size());
    if (!empty && line.size() + 1 + word.size() > width) end_line();
    if (!empty) line += ' ';
    while (line.size() + word.size() > width) {
      const std::size_t room = width - std::min(line.size(), width - 1);
      line += word.substr(0, room);
      word.remove_prefix(std::min(room, word.size()));
      end_line();
    }
    line += word;
    empty = empty && word.empty();
  }
  if (!empty) end_line();
  return lines;
}

std::string LeftAligned(std::string_view text, std::size_t width) {
  std::string aligned(text);
  aligned.resize(std::max(width, text.size()), ' ');
  return aligned;
}

std::string RightAligned(std::string_view text, std::size_t width) {
  return std::string(width - std::min(width, text.size()), ' ') + std::string(text);
}

}  // namespace exporter
