#include "tests/soak/growth.h"

#include <filesystem>
#include <fstream>

namespace soak {
namespace {

double CountEntries(const std::filesystem::path& directory) {
  double count = 0;
  std::error_code ignored;
  for (auto entry = std::filesystem::directory_iterator(directory, ignored);
       entry != std::filesystem::directory_iterator(); entry.increment(ignored)) {
    ++count;
  }
  return count;
}

}  // namespace

Held HeldBy(pid_t process, double hours) {
  const std::filesystem::path proc = "/proc/" + std::to_string(process);
  Held held{.hours = hours};
  std::ifstream status(proc / "status");
  for (std::string word; status >> word;) {
    if (word != "VmRSS:") continue;
    constexpr double kKibibyte = 1024;
    status >> held.resident_bytes;
    held.resident_bytes *= kKibibyte;
  }
  held.descriptors = CountEntries(proc / "fd");
  held.threads = CountEntries(proc / "task");
  return held;
}

double SlopePerHour(const std::vector<Held>& samples, double Held::*value) {
  const auto count = static_cast<double>(samples.size());
  double mean_hours = 0;
  double mean = 0;
  for (const Held& sample : samples) {
    mean_hours += sample.hours / count;
    mean += sample.*value / count;
  }
  double together = 0;
  double squares = 0;
  for (const Held& sample : samples) {
    together += (sample.hours - mean_hours) * (sample.*value - mean);
    squares += (sample.hours - mean_hours) * (sample.hours - mean_hours);
  }
  return squares == 0 ? 0 : together / squares;
}

}  // namespace soak
