#include "exporter/config/problem.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace exporter {
namespace {

void SortByLine(std::vector<Problem>& problems) {
  std::ranges::stable_sort(problems, {}, [](const Problem& problem) {
    return std::tuple(problem.position.line, problem.position.column);
  });
}

std::string JoinLines(const std::vector<Problem>& problems) {
  std::string text;
  for (const Problem& problem : problems) {
    if (!text.empty()) text += '\n';
    text += problem.Text();
  }
  return text;
}

}  // namespace

std::string Problem::Text() const {
  if (position.line == 0) return fmt::format("{}: {}", source, message);
  return fmt::format("{}:{}:{}: {}", source, position.line, position.column, message);
}

ConfigError::ConfigError(std::vector<Problem> problems)
    : std::runtime_error(JoinLines(problems)), problems_(std::move(problems)) {}

void ProblemList::Add(Position position, std::string message) {
  problems_.push_back({source_, position, std::move(message)});
}

void ProblemList::Warn(Position position, std::string message) {
  warnings_.push_back({source_, position, std::move(message)});
}

void ProblemList::ThrowIfAny() {
  if (problems_.empty()) return;
  SortByLine(problems_);
  throw ConfigError(std::exchange(problems_, {}));
}

std::vector<std::string> ProblemList::Warnings() const {
  std::vector<Problem> sorted = warnings_;
  SortByLine(sorted);
  std::vector<std::string> texts;
  texts.reserve(sorted.size());
  for (const Problem& warning : sorted) texts.push_back(warning.Text());
  return texts;
}

}  // namespace exporter
