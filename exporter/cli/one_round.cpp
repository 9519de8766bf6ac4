#include "exporter/cli/one_round.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <utility>

#include "exporter/cli/check.h"
#include "exporter/cli/storage.h"
#include "exporter/cli/terminal.h"
#include "exporter/metrics/build_info.h"
#include "scrape/scraper.h"

namespace exporter {
namespace {

// Kept by everybody who may still add a key; the last one to go ends the waiting.
struct Answers {
  ~Answers() { complete.set_value(std::move(keys)); }
  Answers() = default;
  Answers(const Answers&) = delete;
  Answers& operator=(const Answers&) = delete;
  Answers(Answers&&) = delete;
  Answers& operator=(Answers&&) = delete;

  std::vector<std::shared_ptr<const scrape::KeyState>> keys;  // added by the scrape thread
  std::promise<std::vector<std::shared_ptr<const scrape::KeyState>>> complete;
};

bool Succeeded(const scrape::KeyState& key) {
  return std::ranges::all_of(key.collectors, [](const scrape::CollectorState& collector) {
    return !collector.enabled || (collector.attempted && !collector.paused && !collector.failure);
  });
}

}  // namespace

std::optional<Round> PrepareRound(const CommandLine& line, const Surroundings& around,
                                  scrape::LogLevel level, std::ostream& err) {
  Round round;
  try {
    round.config = LoadConfig(line.config_file, around);
  } catch (const ConfigError& error) {
    err << error.what() << '\n';
    return std::nullopt;
  }
  scrape::SetLogLevel(round.config.log_level.value_or(level));
  for (const std::string& warning : round.config.warnings) err << "warning: " << warning << '\n';
  if (const std::string stretch = DescribeStretch(round.config); !stretch.empty()) {
    err << "warning: " << stretch << '\n';
  }
  auto storage = OpenStorage(line);
  if (!storage) {
    err << "mdcloud_exporter: " << storage.error() << '\n';
    return std::nullopt;
  }
  round.storage = *std::move(storage);
  return round;
}

bool AllSucceeded(const Config& config, const scrape::Snapshot& snapshot) {
  return snapshot.keys.size() == config.keys.size() &&
         std::ranges::all_of(snapshot.keys, [](const auto& key) { return Succeeded(*key); });
}

scrape::Snapshot AskOnce(const Config& config, std::unique_ptr<scrape::StateFile> storage) {
  // Longer than anything takes: each request has its own timeout, each line its end.
  constexpr std::chrono::hours kNoDeadline{24 * 365};
  scrape::ScrapeOptions options = config.options;
  options.user_agent = UserAgent();
  options.one_round = true;
  scrape::SnapshotStore store;
  scrape::Scraper scraper(config.keys, options, store, std::move(storage));
  auto answers = std::make_shared<Answers>();
  auto complete = answers->complete.get_future();
  const auto asked = std::make_shared<std::atomic<std::size_t>>(0);
  for (const auto& key : config.keys) {
    scraper.Ask(key->name, kNoDeadline,
                [answers, asked](const std::shared_ptr<const scrape::KeyState>& state) {
                  ++*asked;
                  answers->keys.push_back(state);
                });
  }
  answers.reset();
  scraper.Start();
  scrape::Snapshot snapshot;
  {
    ProgressLine progress;
    constexpr std::chrono::milliseconds kLook{100};
    while (complete.wait_for(kLook) != std::future_status::ready) {
      progress.Show(*asked, config.keys.size());
    }
  }
  snapshot.keys = complete.get();
  scraper.Stop();
  std::ranges::sort(snapshot.keys, {}, [](const auto& state) { return state->key->name; });
  return snapshot;
}

}  // namespace exporter
