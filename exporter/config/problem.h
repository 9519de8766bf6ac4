#pragma once
// What is wrong in a configuration, and where: every problem is collected, none stops the reading.
// Plain values, any thread. Messages never hold a value of the file, because any value may turn
// out to be a secret at the wrong place.

#include <cstddef>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace exporter {

// Both count from 1, columns in bytes; line 0 means the source as a whole.
struct Position {
  int line = 0;
  int column = 0;
};

struct Problem {
  std::string source;  // the file as it was given, or the name of an environment variable
  Position position;
  std::string message;

  // "source:line:column: message", or "source: message" for the source as a whole.
  [[nodiscard]] std::string Text() const;
};

// Thrown by whoever loads a configuration, with all problems in the order of their lines.
class ConfigError : public std::runtime_error {
 public:
  explicit ConfigError(std::vector<Problem> problems);
  [[nodiscard]] const std::vector<Problem>& Problems() const { return problems_; }

 private:
  std::vector<Problem> problems_;
};

// Collects the problems and the warnings of one source while it is read.
class ProblemList {
 public:
  explicit ProblemList(std::string source) : source_(std::move(source)) {}
  void Add(Position position, std::string message);
  void Warn(Position position, std::string message);

  void ThrowIfAny();
  [[nodiscard]] std::size_t ProblemCount() const { return problems_.size(); }
  // The text of the warnings, in the order of their lines.
  [[nodiscard]] std::vector<std::string> Warnings() const;

 private:
  std::string source_;
  std::vector<Problem> problems_;
  std::vector<Problem> warnings_;
};

}  // namespace exporter
