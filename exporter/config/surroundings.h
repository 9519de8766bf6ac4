#pragma once
// What a configuration may look at outside its own text: environment variables, files and
// directories, passed in so that tests and the fuzzer need neither. Functions are called by the
// thread that loads the configuration.

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

namespace exporter {

using EnvironmentVariable = std::function<std::optional<std::string>(const std::string& name)>;

struct Surroundings {
  EnvironmentVariable variable;
  // The whole content; the error is errno's text. More than `limit` bytes is an error, too.
  std::function<tl::expected<std::string, std::string>(const std::string& path, std::size_t limit)>
      read_file;
  // Sorted names of the entries that resolve to regular files and do not start with a dot.
  std::function<tl::expected<std::vector<std::string>, std::string>(const std::string& path)>
      list_files;
  std::function<bool(const std::string& path)> exists;
};

// The real ones.
[[nodiscard]] Surroundings SystemSurroundings();

}  // namespace exporter
