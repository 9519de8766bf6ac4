#include "exporter/cli/once.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <ostream>
#include <string>
#include <system_error>

#include "exporter/cli/check.h"
#include "exporter/cli/one_round.h"
#include "exporter/cli/signals.h"
#include "exporter/cli/storage.h"
#include "exporter/metrics/exposition_cache.h"
#include "exporter/metrics/metrics.h"
#include "http/file_descriptor.h"

namespace exporter {
namespace {

std::string Exposition(const scrape::Snapshot& snapshot, bool expiration_days) {
  const Clocks clocks = Clocks::Real();
  MetricsInput input;
  input.snapshot = &snapshot;
  input.now = clocks.system();
  input.steady_now = clocks.steady();
  input.options.expiration_days = expiration_days;
  input.options.one_shot = true;
  input.build = ThisBuild();
  return RenderText(input);
}

bool WriteAll(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// What went wrong, or empty. Whoever reads `path` sees the old text or the new one as a whole: it
// is written beside it, under a name that no collector takes (no .prom at its end).
std::string Replace(const std::string& path, std::string_view text) {
  std::string beside = path + ".XXXXXX";
  const http::FileDescriptor file(mkostemp(beside.data(), O_CLOEXEC));
  const auto failure = [] { return std::generic_category().message(errno); };
  if (file.Get() < 0) return failure();
  constexpr mode_t kReadableByAll = 0644;
  const bool written = WriteAll(file.Get(), text) && fchmod(file.Get(), kReadableByAll) == 0 &&
                       fsync(file.Get()) == 0 && std::rename(beside.c_str(), path.c_str()) == 0;
  if (written) return {};
  std::string why = failure();
  unlink(beside.c_str());
  return why;
}

}  // namespace

int RunOnce(const CommandLine& line, const Surroundings& around, std::ostream& out,
            std::ostream& err) {
  Config config;
  try {
    config = LoadConfig(line.config_file, around);
  } catch (const ConfigError& error) {
    err << error.what() << '\n';
    return kExitFailure;
  }
  scrape::SetLogLevel(config.log_level.value_or(line.log_level));
  for (const std::string& warning : config.warnings) err << "warning: " << warning << '\n';
  if (const std::string stretch = DescribeStretch(config); !stretch.empty()) {
    err << "warning: " << stretch << '\n';
  }
  auto storage = OpenStorage(line);
  if (!storage) {
    err << "mdcloud_exporter: " << storage.error() << '\n';
    return kExitFailure;
  }
  const ExitOnSignal guard(kExitFailure);
  const scrape::Snapshot snapshot = AskOnce(config, *std::move(storage));
  const std::string text = Exposition(snapshot, line.expiration_days);
  if (line.output_file.empty()) {
    out << text;
  } else if (const std::string why = Replace(line.output_file, text); !why.empty()) {
    err << "mdcloud_exporter: " << line.output_file << " cannot be written: " << why << '\n';
    return kExitFailure;
  }
  return AllSucceeded(config, snapshot) ? kExitOk : kExitKeyFailed;
}

}  // namespace exporter
