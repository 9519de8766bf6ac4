#include "exporter/cli/status_command.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "exporter/cli/one_round.h"
#include "exporter/cli/signals.h"
#include "exporter/cli/terminal.h"
#include "exporter/metrics/build_info.h"
#include "exporter/metrics/metrics_input.h"
#include "exporter/status/status_json.h"
#include "exporter/status/status_table.h"
#include "exporter/status/words.h"
#include "scrape/event_log.h"

namespace exporter {
namespace {

using std::chrono::milliseconds;

Status StatusNow(std::shared_ptr<const scrape::Snapshot> snapshot) {
  return StatusOf(std::move(snapshot),
                  {.version = ThisBuild().version,
                   .now = std::chrono::floor<milliseconds>(std::chrono::system_clock::now()),
                   .steady_now = std::chrono::steady_clock::now(),
                   .uptime = {}});
}

class Printer {
 public:
  Printer(OutputFormat format, const Surroundings& around, std::ostream& out)
      : format_(format), around_(around), out_(out) {}

  void Print(const Status& status) {
    if (format_ == OutputFormat::kJson) {
      out_ << StatusJson(status);
    } else {
      out_ << StatusTable(status, StyleFor(STDOUT_FILENO, around_.variable));
    }
    out_.flush();
  }

  // In place of the last one on a terminal, below it elsewhere. False: nobody reads it any more.
  bool PrintAgain(const Status& status) {
    if (format_ == OutputFormat::kJson) {
      Print(status);
      return out_.good();
    }
    std::string text = DateWords(status.facts.now) + "\n\n" +
                       StatusTable(status, StyleFor(STDOUT_FILENO, around_.variable));
    if (IsTerminal(STDOUT_FILENO)) {
      out_ << "\x1b[H\x1b[2J" << CutTo(SizeOf(STDOUT_FILENO), std::move(text));
    } else {
      out_ << text << '\n';
    }
    out_.flush();
    return out_.good();
  }

 private:
  // What is below the screen could not be scrolled to: the beginning counts, the worst keys.
  static std::string CutTo(const TerminalSize& size, std::string text) {
    std::size_t end = 0;
    for (std::size_t row = 0; row + 1 < size.rows; ++row) {
      const std::size_t next = text.find('\n', end);
      if (next == std::string::npos) return text;
      end = next + 1;
    }
    if (size.rows == 0 || end >= text.size()) return text;
    const std::size_t last = text.rfind('\n', end - 2);
    const auto hidden =
        std::count(text.begin() + static_cast<std::ptrdiff_t>(last) + 1, text.end(), '\n');
    text.resize(last + 1);
    return text + std::to_string(hidden) + " more lines\n";
  }

  const OutputFormat format_;
  const Surroundings& around_;
  std::ostream& out_;
};

// How often there can be something new.
milliseconds ShortestInterval(const Config& config) {
  milliseconds shortest = std::chrono::minutes(1);
  bool first = true;
  for (const auto& key : config.keys) {
    shortest = first ? key->scrape_interval : std::min(shortest, key->scrape_interval);
    first = false;
  }
  return shortest;
}

// The first round is over, or what is left of it waits for something.
bool FirstRoundIsOver(const scrape::Snapshot& snapshot) {
  return snapshot.first_round_attempted || std::ranges::all_of(snapshot.keys, [](const auto& key) {
           return std::ranges::any_of(key->collectors, [](const auto& collector) {
             return collector.attempted || collector.paused;
           });
         });
}

std::size_t Asked(const scrape::Snapshot& snapshot) {
  return static_cast<std::size_t>(std::ranges::count_if(snapshot.keys, [](const auto& key) {
    return std::ranges::any_of(key->collectors,
                               [](const auto& collector) { return collector.attempted; });
  }));
}

// SIGHUP, too: the terminal is gone.
bool Ends(const std::optional<Signal>& signal) {
  return signal == Signal::kStop || signal == Signal::kReload;
}

int Watch(const Config& config, std::unique_ptr<scrape::StateFile> storage, Printer& printer) {
  scrape::ScrapeOptions options = config.options;
  options.user_agent = UserAgent();
  scrape::SnapshotStore store;
  scrape::Scraper scraper(config.keys, options, store, std::move(storage));
  scraper.Start();
  constexpr milliseconds kLook{100};
  {
    ProgressLine progress;
    while (!FirstRoundIsOver(*store.Get())) {
      if (Ends(WaitForSignal(kLook))) return kExitFailure;  // nothing was shown
      progress.Show(Asked(*store.Get()), config.keys.size());
    }
  }
  while (printer.PrintAgain(StatusNow(store.Get()))) {
    if (Ends(WaitForSignal(ShortestInterval(config)))) return kExitOk;
  }
  return kExitFailure;
}

}  // namespace

int RunStatus(const CommandLine& line, const Surroundings& around, std::ostream& out,
              std::ostream& err) {
  std::optional<ExitOnSignal> guard(kExitFailure);  // files, too, may take as long as they like
  // What a log would say of the keys is in the table.
  const auto level = line.log_level_given ? line.log_level : scrape::LogLevel::kError;
  auto round = PrepareRound(line, around, level, err);
  if (!round) return kExitFailure;
  const Config& config = round->config;
  Printer printer(line.output_format, around, out);
  if (line.watch) {
    guard.reset();
    return Watch(config, std::move(round->storage), printer);
  }
  auto snapshot =
      std::make_shared<const scrape::Snapshot>(AskOnce(config, std::move(round->storage)));
  printer.Print(StatusNow(snapshot));
  return AllSucceeded(config, *snapshot) ? kExitOk : kExitKeyFailed;
}

}  // namespace exporter
