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

#include "exporter/cli/one_round.h"
#include "exporter/cli/signals.h"
#include "exporter/metrics/exposition_cache.h"
#include "exporter/metrics/metrics.h"
#include "http/file_descriptor.h"
#include "scrape/write_all.h"

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

// What went wrong, or empty. Whoever reads `path` sees the old text or the new one as a whole: it
// is written beside it, under a name that no collector takes (no .prom at its end).
std::string Replace(const std::string& path, std::string_view text) {
  std::string beside = path + ".XXXXXX";
  const http::FileDescriptor file(mkostemp(beside.data(), O_CLOEXEC));
  const auto failure = [] { return std::generic_category().message(errno); };
  if (file.Get() < 0) return failure();
  constexpr mode_t kReadableByAll = 0644;
  const bool written = scrape::WriteAll(file.Get(), text) &&
                       fchmod(file.Get(), kReadableByAll) == 0 && fsync(file.Get()) == 0 &&
                       std::rename(beside.c_str(), path.c_str()) == 0;
  if (written) return {};
  std::string why = failure();
  unlink(beside.c_str());
  return why;
}

}  // namespace

int RunOnce(const CommandLine& line, const Surroundings& around, std::ostream& out,
            std::ostream& err) {
  const ExitOnSignal guard(kExitFailure);  // files, too, may take as long as they like
  auto round = PrepareRound(line, around, line.log_level, err);
  if (!round) return kExitFailure;
  const Config& config = round->config;
  const scrape::Snapshot snapshot = AskOnce(config, std::move(round->storage));
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
