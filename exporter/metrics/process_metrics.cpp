#include "exporter/metrics/process_metrics.h"

#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <sstream>
#include <string_view>
#include <system_error>
#include <vector>

namespace exporter {
namespace {

std::optional<double> ToNumber(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::vector<std::string> Words(const std::string& text) {
  std::istringstream in(text);
  return {std::istream_iterator<std::string>(in), {}};
}

std::string ReadText(const std::string& path) {
  const std::ifstream in(path);
  std::ostringstream text;
  if (in.is_open()) text << in.rdbuf();
  return text.str();
}

// The words of the line that begins with `start`, after it.
std::vector<std::string> LineAfter(const std::string& text, std::string_view start) {
  std::istringstream in(text);
  std::string line;
  while (std::getline(in, line)) {
    if (line.starts_with(start)) return Words(line.substr(start.size()));
  }
  return {};
}

void ReadStat(const std::string& proc, ProcessStats& stats) {
  const std::string text = ReadText(proc + "/self/stat");
  // The program's name stands in brackets and may hold spaces and brackets itself.
  const std::size_t bracket = text.rfind(')');
  if (bracket == std::string::npos) return;
  const std::vector<std::string> words = Words(text.substr(bracket + 1));
  // Numbers as in proc(5), which counts from 1; the first word here is the third field.
  const auto field = [&](std::size_t number) {
    return number - 3 < words.size() ? ToNumber(words[number - 3]) : std::nullopt;
  };
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  const std::optional<double> user = field(14);
  const std::optional<double> system = field(15);
  if (user && system) stats.cpu_seconds = (*user + *system) / ticks;
  stats.virtual_bytes = field(23);
  const std::optional<double> pages = field(24);
  if (pages) stats.resident_bytes = *pages * static_cast<double>(sysconf(_SC_PAGESIZE));
  const std::optional<double> started = field(22);  // ticks since boot
  const std::vector<std::string> boot = LineAfter(ReadText(proc + "/stat"), "btime ");
  const std::optional<double> boot_time = boot.empty() ? std::nullopt : ToNumber(boot.front());
  if (started && boot_time) stats.start_time = *boot_time + *started / ticks;
}

std::optional<double> CountOpenFds(const std::string& proc) {
  std::error_code error;
  std::filesystem::directory_iterator entries(proc + "/self/fd", error);
  if (error) return std::nullopt;
  double count = 0;
  while (entries != std::filesystem::directory_iterator()) {
    ++count;
    entries.increment(error);
    if (error) return std::nullopt;
  }
  return count - 1;  // without the descriptor that reads the directory
}

std::optional<double> ReadMaxFds(const std::string& proc) {
  const std::vector<std::string> limits =
      LineAfter(ReadText(proc + "/self/limits"), "Max open files");
  if (limits.empty()) return std::nullopt;
  if (limits.front() == "unlimited") return std::numeric_limits<double>::infinity();
  return ToNumber(limits.front());
}

}  // namespace

ProcessStats ReadProcessStats(const std::string& proc) {
  ProcessStats stats;
  ReadStat(proc, stats);
  stats.open_fds = CountOpenFds(proc);
  stats.max_fds = ReadMaxFds(proc);
  return stats;
}

}  // namespace exporter
