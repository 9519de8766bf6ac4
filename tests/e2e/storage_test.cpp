// What survives the process: counters, stops and rejections in --storage.path.

#include <doctest/doctest.h>

#include <signal.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <future>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "simulator/fault.h"
#include "tests/e2e/exporter_run.h"
#include "tests/e2e/sentinel.h"
#include "tests/read_text.h"

using namespace std::chrono_literals;
using test::ExporterRun;

namespace {

constexpr const char* kTotal = "mdcloud_quota_consumed_total";

std::map<std::string, std::string> LabelsOf(const std::string& key) {
  return {{"key", key}, {"api", "prevention"}};
}

// What is exported, or -1.
double Exported(const ExporterRun& run, const std::string& key) {
  const test::Exposition metrics = run.Metrics();
  return metrics.Has(kTotal, LabelsOf(key)) ? metrics.Value(kTotal, LabelsOf(key)) : -1;
}

test::RunOptions With(const test::TempDir& storage, const std::vector<simulator::KeyScript>& keys) {
  return {.global = "",
          .key_options = "",
          .arguments = {"--storage.path=" + storage.path()},
          .keys = keys};
}

int Kill(ExporterRun& run) {
  run.process().Signal(SIGKILL);
  return run.process().Wait().value_or(-1);
}

int Terminate(ExporterRun& run) {
  run.process().Signal(SIGTERM);
  return run.process().Wait().value_or(-1);
}

// One key through many lives of the exporter.
struct Lives {
  double least_change = 0;   // of what was exported, from one look to the next, over all lives
  double counted = 0;        // at the end, when all was quiet
  double used = 0;           // since it was known
  double may_be_missed = 0;  // at the ends of windows
  int windows = 0;           // that ended
  int killed = 0;
};

struct Plan {
  std::uint64_t seed = 0;
  int lives = 0;
  std::chrono::milliseconds window = 24h;
  std::chrono::milliseconds longest_life = 2s;
};

// After so long a poll is written: one comes every second, and so does a write.
constexpr std::chrono::milliseconds kLearnt{2500};

class Biography {
 public:
  explicit Biography(const Plan& plan) : plan_(plan), random_(plan.seed) {
    key_ = test::AddKey(cloud_, "short-lived");
    key_.families = {{.name = "prevention", .limit = 1'000'000}};
    key_.window = plan.window;
    key_.announces_windows = true;
    cloud_.AddKey(key_);
  }

  Lives Tell() {
    BecomeKnown();
    for (int life = 0; life < plan_.lives; ++life) {
      ExporterRun run(cloud_, With(storage_, {key_}));
      born_ = std::chrono::steady_clock::now();
      const std::chrono::milliseconds length(Whole(0, plan_.longest_life.count()));
      (void)test::Eventually(
          [&] {
            cloud_.Use(key_.name, "prevention", Whole(0, 3));
            Look(run);
            return false;
          },
          length);
      if (Kill(run) == 128 + SIGKILL) ++lives_.killed;
    }
    ExporterRun run(cloud_, With(storage_, {key_}));
    born_ = std::chrono::steady_clock::now();
    (void)test::Eventually(
        [&] {
          Look(run);
          return false;
        },
        2 * kLearnt);
    lives_.counted = exported_;
    lives_.used = static_cast<double>(Truth().total);
    return lives_;
  }

 private:
  std::int64_t Whole(std::int64_t least, std::int64_t most) {
    return std::uniform_int_distribution(least, most)(random_);
  }
  [[nodiscard]] simulator::FamilyTruth Truth() const {
    return cloud_.Truth(key_.name).families.at("prevention");
  }

  // Nothing is counted before the first three answers: they come before anything is used.
  void BecomeKnown() {
    ExporterRun run(cloud_, With(storage_, {key_}));
    REQUIRE(test::Eventually([&] {
      const auto requests = cloud_.RequestsOf(key_.name);
      return std::count_if(requests.begin(), requests.end(), [](const auto& request) {
               return request.path.ends_with("/limits");
             }) >= 4;
    }));
    REQUIRE(Terminate(run) == 0);
  }

  void Look(const ExporterRun& run) {
    const auto now = std::chrono::steady_clock::now();
    const simulator::FamilyTruth truth = Truth();
    if (window_end_ && *window_end_ <= now) {
      // What was used in it, but for what was learnt for certain, may be missed.
      ++lives_.windows;
      lives_.may_be_missed += used_in_window_ - learnt_in_window_;
      used_in_window_ = learnt_in_window_ = 0;
      history_.clear();
    }
    window_end_ = truth.window_end;
    used_in_window_ = std::max(used_in_window_, static_cast<double>(truth.used));
    history_.emplace_back(now, static_cast<double>(truth.used));
    for (const auto& [at, used] : history_) {
      if (at >= born_ && at <= now - kLearnt) learnt_in_window_ = std::max(learnt_in_window_, used);
    }
    const double seen = Exported(run, key_.name);
    lives_.least_change = std::min(lives_.least_change, seen - exported_);
    exported_ = seen;
  }

  const Plan plan_;
  std::mt19937_64 random_;
  simulator::Cloud cloud_;
  simulator::KeyScript key_;
  test::TempDir storage_;
  Lives lives_;
  std::chrono::steady_clock::time_point born_;
  double exported_ = 0;
  std::optional<simulator::TimePoint> window_end_;
  double used_in_window_ = 0;
  double learnt_in_window_ = 0;
  std::vector<std::pair<std::chrono::steady_clock::time_point, double>> history_;
};

}  // namespace

TEST_CASE("killed a hundred times, it counts each use once, and no counter falls") {
  const std::uint64_t seed = std::random_device()();
  MESSAGE("seed " << seed);
  const auto live = [](const Plan& plan) {
    return std::async(std::launch::async, [plan] { return Biography(plan).Tell(); });
  };
  std::vector<std::future<Lives>> within_a_window;
  std::vector<std::future<Lives>> across_windows;
  for (std::uint64_t i = 0; i < 2; ++i) {
    within_a_window.push_back(live({.seed = seed + i, .lives = 35, .longest_life = 2s}));
    across_windows.push_back(
        live({.seed = seed + 2 + i, .lives = 15, .window = 15s, .longest_life = 6s}));
  }
  for (std::future<Lives>& one : within_a_window) {
    const Lives lives = one.get();
    CHECK(lives.killed == 35);
    CHECK(lives.used > 0);
    CHECK(lives.counted == lives.used);
    CHECK(lives.least_change == 0);
  }
  for (std::future<Lives>& one : across_windows) {
    const Lives lives = one.get();
    MESSAGE("counted " << lives.counted << " of " << lives.used << "; " << lives.may_be_missed
                       << " may be missed at " << lives.windows << " ends of windows");
    CHECK(lives.killed == 15);
    CHECK(lives.windows > 0);
    CHECK(lives.counted <= lives.used);
    CHECK(lives.counted >= lives.used - lives.may_be_missed);
    CHECK(lives.least_change == 0);
  }
}

TEST_CASE("a rejected key stays rejected, and restarts ask no more often than one process") {
  simulator::Cloud cloud;
  std::vector<simulator::KeyScript> keys;
  for (int i = 0; i < 8; ++i) {
    keys.push_back(test::AddKey(cloud, "wrong-" + std::to_string(i)));
    cloud.SetFault(keys.back().name, simulator::Rejected());
  }
  const test::TempDir storage;
  const auto asked = [&] { return cloud.Requests().size(); };
  {
    ExporterRun run(cloud, With(storage, keys));
    REQUIRE(test::Eventually([&] { return asked() == 4; }));
    REQUIRE(
        test::Eventually([&] { return run.Metrics().Find("mdcloud_apikey_valid") != nullptr; }));
    // On the disk before the process can know that it ends.
    REQUIRE(test::Eventually([&] {
      return test::ReadText(storage.path() + "/shard-0.state").find("rejected_by") !=
             std::string::npos;
    }));
    REQUIRE(Kill(run) == 128 + SIGKILL);
  }
  for (int life = 0; life < 3; ++life) {
    ExporterRun run(cloud, With(storage, keys));
    int rejected = 0;
    int waiting = 0;
    CHECK(test::Eventually([&] {
      rejected = waiting = 0;
      const test::Exposition metrics = run.Metrics();
      for (const simulator::KeyScript& key : keys) {
        const auto info = [&](const std::string& reason) {
          return metrics.Has("mdcloud_scrape_collector_error",
                             {{"key", key.name}, {"collector", "info"}, {"reason", reason}});
        };
        const bool known = metrics.Has("mdcloud_apikey_valid", {{"key", key.name}});
        if (known) CHECK(metrics.Value("mdcloud_apikey_valid", {{"key", key.name}}) == 0);
        CHECK(metrics.Value("mdcloud_up", {{"key", key.name}}) == 0);
        if (known && info("unauthorized")) ++rejected;
        if (!known && info("paused")) ++waiting;
      }
      return rejected + waiting == 8;
    }));
    CHECK(rejected == 4);
    CHECK(Terminate(run) == 0);
  }
  CHECK(asked() == 4);
}

TEST_CASE("another secret under the same name is asked at once, and counts on") {
  simulator::Cloud cloud;
  simulator::KeyScript key = test::AddKey(cloud, "rotated");
  cloud.SetFault(key.name, simulator::Rejected());
  const test::TempDir storage;
  {
    ExporterRun run(cloud, With(storage, {key}));
    REQUIRE(run.WaitForReason(key.name, "unauthorized"));
    REQUIRE(Terminate(run) == 0);
  }
  cloud.ForgetRequests();
  cloud.RemoveKey(key.name);
  key = test::AddKey(cloud, "rotated");
  ExporterRun run(cloud, With(storage, {key}));
  CHECK(run.WaitForFreshData(key.name));
  CHECK(run.Metrics().Value("mdcloud_apikey_valid", {{"key", key.name}}) == 1);
}

TEST_CASE("the directory belongs to one process, and no apikey is in it") {
  simulator::Cloud cloud;
  const simulator::KeyScript key = test::AddKey(cloud, "only");
  const test::TempDir storage;
  ExporterRun run(cloud, With(storage, {key}));
  REQUIRE(run.WaitForFreshData(key.name));
  test::Process second({test::BinaryPath(), "--config.file=" + run.config_file(),
                        "--web.listen-address=127.0.0.1:0", "--storage.path=" + storage.path()});
  CHECK(second.Wait() == 1);
  CHECK(second.Err().find("another process has " + storage.path() + "/shard-0.state open") !=
        std::string::npos);
  test::Process once({test::BinaryPath(), "once", "--config.file=" + run.config_file(),
                      "--storage.path=" + storage.path()});
  CHECK(once.Wait() == 1);
  CHECK(once.Out() == "");
  REQUIRE(Terminate(run) == 0);
  const std::string file = storage.path() + "/shard-0.state";
  struct stat facts {};
  REQUIRE(stat(file.c_str(), &facts) == 0);
  CHECK((facts.st_mode & 07777) == 0600);
  const std::string text = test::ReadText(file);
  CHECK(text.find("only") != std::string::npos);
  CHECK(test::LeaksOf(key.apikey, text).empty());
}

TEST_CASE("a damaged file is set aside with a warning") {
  simulator::Cloud cloud;
  const simulator::KeyScript key = test::AddKey(cloud, "damaged");
  const test::TempDir storage;
  const std::string file = storage.Write("shard-0.state", "mdcloud_exporter state 1 00\n{}\n");
  ExporterRun run(cloud, With(storage, {key}));
  CHECK(run.WaitForFreshData(key.name));
  CHECK(run.process().Err().find(
            "the stored state cannot be used: windows, counters and rejections start anew") !=
        std::string::npos);
  CHECK(run.process().Err().find("its checksum does not match") != std::string::npos);
  CHECK(std::filesystem::exists(file + ".damaged"));
  CHECK(run.Metrics().Value("mdcloud_exporter_state_write_failures_total", {}) == 0);
  CHECK(test::Eventually(
      [&] { return test::ReadText(file).find("\"damaged\"") != std::string::npos; }));
}

TEST_CASE("a full disk is a warning and a metric, and the counters go on") {
  simulator::Cloud cloud;
  const simulator::KeyScript key = test::AddKey(cloud, "full");
  const test::TempDir storage;
  test::RunOptions options = With(storage, {key});
  options.launcher = {"/usr/bin/prlimit", "--fsize=100"};
  ExporterRun run(cloud, options);
  REQUIRE(run.WaitForFreshData(key.name));
  CHECK(test::Eventually(
      [&] { return run.Metrics().Value("mdcloud_exporter_state_write_failures_total", {}) > 0; }));
  CHECK(run.process().Err().find("the state cannot be written: a restart would lose") !=
        std::string::npos);
  REQUIRE(test::Eventually([&] {
    const auto requests = cloud.RequestsOf(key.name);
    return requests.size() > 12;
  }));
  cloud.Use(key.name, "prevention", 7);
  CHECK(test::Eventually([&] { return Exported(run, key.name) == 7; }));
  CHECK(Terminate(run) == 0);
}
