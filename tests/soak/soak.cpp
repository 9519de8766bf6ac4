// soak MINUTES [SCALE [SEED]]: the exporter in fast time against a simulated service, with keys
// that come, go and fail, wrong keys, reloads and, in the first half, restarts and kills. At the
// end every counter must be exactly what the service has counted, the wrong keys must not have been
// asked more often than allowed, and in the second half nothing may have grown. Exit code 1: it has
// not held.

#include <signal.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "simulator/cloud.h"
#include "tests/e2e/fetch.h"
#include "tests/e2e/process.h"
#include "tests/exposition_checker.h"
#include "tests/soak/growth.h"
#include "tests/soak/key_life.h"
#include "tests/temp_dir.h"

using namespace std::chrono_literals;
using simulator::TimePoint;

namespace {

constexpr int kKeys = 30;
constexpr int kWrongKeys = 3;
constexpr std::size_t kMostRejectedPerHour = 4;
constexpr std::chrono::minutes kLongestAbsence{5};
// What may be in it besides growth: pages of the heap, connections that come and go.
constexpr double kMostMemory = 4 << 20;
constexpr double kMostDescriptors = 4;
constexpr double kMostThreads = 0.5;

struct Arguments {
  double minutes = 10;
  double scale = 120;
  std::uint64_t seed = 0;
};

class Soak {
 public:
  explicit Soak(const Arguments& arguments)
      : arguments_(arguments),
        random_(arguments.seed),
        cloud_({.tls = {}, .max_records = 1'000'000, .now = [this] { return Now(); }}) {
    for (int i = 0; i < kKeys; ++i) {
      keys_.emplace_back(cloud_, fmt::format("key-{:02}", i), random_);
      WriteKey(keys_.back().Script());
    }
    for (int i = 0; i < kWrongKeys; ++i) {
      simulator::KeyScript wrong;
      wrong.name = fmt::format("wrong-{}", i);
      wrong.apikey = simulator::FakeApikey(random_);
      cloud_.AddKey(wrong);
      cloud_.SetFault(wrong.name, simulator::Rejected());
      WriteKey(wrong);
    }
  }

  int Run() {
    WriteConfig(60s);
    Start();
    Settle();
    const auto begin = std::chrono::steady_clock::now();
    const auto length = std::chrono::duration<double>(60 * arguments_.minutes);
    bool restarts = true;
    while (std::chrono::steady_clock::now() - begin < length) {
      restarts = std::chrono::steady_clock::now() - begin < length / 2;
      Turn(restarts);
      std::this_thread::sleep_for(20ms);  // a step of the simulation, not a wait
    }
    return Judge();
  }

 private:
  [[nodiscard]] TimePoint Now() const {
    const std::chrono::duration<double, std::nano> passed =
        std::chrono::steady_clock::now() - start_;
    return start_ + std::chrono::duration_cast<TimePoint::duration>(passed * arguments_.scale);
  }
  [[nodiscard]] double Hours() const {
    return std::chrono::duration<double, std::ratio<3600>>(Now() - start_).count();
  }
  double Chance() { return std::uniform_real_distribution<double>(0, 1)(random_); }

  void WriteKey(const simulator::KeyScript& key) {
    // As a mounted Secret changes: at once.
    const std::string beside = dir_.Write("." + key.name, key.apikey + "\n");
    std::filesystem::create_directories(dir_.path() + "/keys");
    std::filesystem::rename(beside, dir_.path() + "/keys/" + key.name);
  }

  void WriteConfig(std::chrono::seconds interval) {
    config_ = dir_.Write(
        "config.yaml",
        fmt::format("global:\n  base_url: {}\n  scrape_interval: {}s\n  scrape_timeout: 1s\n"
                    "  max_requests_per_second: 1000\nkey_directories:\n  - path: keys\n",
                    cloud_.BaseUrl(), interval.count()));
  }

  void Start() {
    process_ = std::make_unique<test::Process>(std::vector<std::string>{
        MDCLOUD_FAST_EXPORTER, std::to_string(arguments_.scale), std::to_string(origin_),
        "--config.file=" + config_, "--web.listen-address=127.0.0.1:0",
        "--storage.path=" + dir_.path() + "/state"});
    port_ = process_->ErrAfter("msg=listening address=127.0.0.1:");
    if (port_.empty()) Fail("the exporter does not listen: " + process_->Err());
  }

  // Nothing is counted before the first three answers of a key.
  void Settle() {
    const bool known = test::Eventually(
        [&] {
          return std::all_of(keys_.begin(), keys_.end(), [&](const soak::KeyLife& key) {
            return cloud_.RequestsOf(key.Script().name).size() > 12;
          });
        },
        120s);
    if (!known) Fail("some key is not asked");
  }

  void Turn(bool restarts) {
    const TimePoint now = Now();
    for (soak::KeyLife& key : keys_) key.Go(now);
    if (Chance() < 0.01) SendAway(now);
    BringBack(now);
    if (Chance() < 0.005) Reload();
    if (restarts && Chance() < 0.004) Restart();
    if (Chance() < 0.08) Scrape();
    if (!restarts && Chance() < 0.04) samples_.push_back(soak::HeldBy(process_->pid(), Hours()));
  }

  void SendAway(TimePoint now) {
    const std::size_t index = std::uniform_int_distribution<std::size_t>(0, kKeys - 1)(random_);
    if (!keys_[index].MayLeave(now) || away_until_.contains(index)) return;
    std::filesystem::remove(dir_.path() + "/keys/" + keys_[index].Script().name);
    away_until_[index] =
        now + std::chrono::duration_cast<TimePoint::duration>(kLongestAbsence * Chance());
    ++departures_;
  }

  void BringBack(std::optional<TimePoint> now) {
    for (auto away = away_until_.begin(); away != away_until_.end();) {
      if (now && away->second > *now) {
        ++away;
        continue;
      }
      WriteKey(keys_[away->first].Script());
      away = away_until_.erase(away);
    }
  }

  void Reload() {
    WriteConfig(reloads_ % 2 == 0 ? 90s : 60s);
    process_->Signal(SIGHUP);
    ++reloads_;
  }

  void Restart() {
    const bool kill = restarts_ % 2 == 1;
    process_->Signal(kill ? SIGKILL : SIGTERM);
    const std::optional<int> code = process_->Wait();
    if (code != (kill ? 128 + SIGKILL : 0)) Fail("it has not ended as it should");
    ++restarts_;
    Start();
  }

  test::Exposition Scrape() {
    ++scrapes_;
    for (const char* page : {"/", "/api/v1/status", "/sd"}) {
      if (Chance() < 0.1) (void)test::Fetch("http://127.0.0.1:" + port_ + page);
    }
    const test::Fetched answer = test::Fetch("http://127.0.0.1:" + port_ + "/metrics");
    test::Exposition metrics = test::CheckExposition(answer.body);
    if (answer.status != 200 || !metrics.problems.empty()) Fail("/metrics: " + metrics.Problems());
    for (const soak::KeyLife& key : keys_) {
      const double seen = CountedOf(metrics, key);
      double& before = counted_[key.Script().name];
      if (seen < 0) continue;  // away
      if (seen < before)
        Fail(fmt::format("{} fell from {} to {}", key.Script().name, before, seen));
      before = seen;
    }
    return metrics;
  }

  [[nodiscard]] static double CountedOf(const test::Exposition& metrics, const soak::KeyLife& key) {
    const std::map<std::string, std::string> labels = {{"key", key.Script().name},
                                                       {"api", "prevention"}};
    const char* const name = "mdcloud_quota_consumed_total";
    return metrics.Has(name, labels) ? metrics.Value(name, labels) : -1;
  }

  void Fail(const std::string& what) {
    std::cout << "FAILED: " << what << '\n';
    failed_ = true;
  }

  // The most rejected requests within a simulated hour.
  [[nodiscard]] std::size_t MostRejected() const {
    std::vector<TimePoint> times;
    for (const simulator::RequestRecord& request : cloud_.Requests()) {
      if (request.key.starts_with("wrong-")) times.push_back(request.time);
    }
    const auto hour = std::chrono::duration_cast<TimePoint::duration>(
        std::chrono::duration<double>(3600 / arguments_.scale));
    std::size_t most = 0;
    for (std::size_t i = 0; i < times.size(); ++i) {
      const auto end = std::upper_bound(times.begin(), times.end(), times[i] + hour);
      most = std::max(most, static_cast<std::size_t>(end - times.begin()) - i);
    }
    return most;
  }

  int Judge() {
    BringBack({});
    int faults = 0;
    double used = 0;
    for (soak::KeyLife& key : keys_) {
      key.Rest();
      faults += key.Faults();
      used += key.Used();
    }
    std::vector<std::string> wrong;
    (void)test::Eventually(
        [&] {
          wrong.clear();
          const test::Exposition metrics = Scrape();
          for (const soak::KeyLife& key : keys_) {
            const double counted = CountedOf(metrics, key);
            if (counted == key.Used()) continue;
            wrong.push_back(
                fmt::format("{}: counted {} of {}", key.Script().name, counted, key.Used()));
          }
          return wrong.empty();
        },
        60s);
    for (const std::string& line : wrong) Fail(line);
    const std::size_t rejected = MostRejected();
    if (rejected > kMostRejectedPerHour) {
      Fail(fmt::format("{} requests were rejected within an hour", rejected));
    }
    std::cout << fmt::format(
        "{:.1f} simulated hours: {} restarts (half of them kills), {} reloads, {} departures of "
        "keys, {} faults, {} scrapes\n{} uses, each counted once; at most {} rejected requests "
        "within an hour\n",
        Hours(), restarts_, reloads_, departures_, faults, scrapes_, used, rejected);
    JudgeGrowth("memory", &soak::Held::resident_bytes, kMostMemory, 1 << 20, "MiB");
    JudgeGrowth("descriptors", &soak::Held::descriptors, kMostDescriptors, 1, "");
    JudgeGrowth("threads", &soak::Held::threads, kMostThreads, 1, "");
    process_->Signal(SIGTERM);
    if (process_->Wait() != 0) Fail("it has not ended as it should");
    std::cout << (failed_ ? "soak: failed\n" : "soak: passed\n");
    return failed_ ? 1 : 0;
  }

  // `most`: over the whole of the second half.
  void JudgeGrowth(const std::string& what, double soak::Held::*value, double most, double unit,
                   const std::string& name) {
    // The first third fills caches and the heap.
    const std::vector<soak::Held> samples(
        samples_.begin() + static_cast<std::ptrdiff_t>(samples_.size() / 3), samples_.end());
    if (samples.size() < 10) return Fail("too few samples of " + what);
    const double slope = soak::SlopePerHour(samples, value);
    const double hours = samples.back().hours - samples.front().hours;
    std::cout << fmt::format("{}: {:.1f} to {:.1f} {}, slope {:+.3f} {} per simulated hour\n", what,
                             samples.front().*value / unit, samples.back().*value / unit, name,
                             slope / unit, name);
    if (slope * hours > most) Fail(what + " grows");
  }

  const Arguments arguments_;
  const TimePoint start_ = std::chrono::steady_clock::now();
  const std::int64_t origin_ = std::chrono::duration_cast<std::chrono::milliseconds>(
                                   std::chrono::system_clock::now().time_since_epoch())
                                   .count();
  std::mt19937_64 random_;
  simulator::Cloud cloud_;
  test::TempDir dir_;
  std::vector<soak::KeyLife> keys_;
  std::map<std::size_t, TimePoint> away_until_;
  std::map<std::string, double> counted_;
  std::string config_;
  std::unique_ptr<test::Process> process_;
  std::string port_;
  std::vector<soak::Held> samples_;
  int restarts_ = 0;
  int reloads_ = 0;
  int departures_ = 0;
  int scrapes_ = 0;
  bool failed_ = false;
};

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments{.seed = std::random_device()()};
  if (argc > 1) arguments.minutes = std::stod(argv[1]);
  if (argc > 2) arguments.scale = std::stod(argv[2]);
  if (argc > 3) arguments.seed = std::stoull(argv[3]);
  std::cout << fmt::format("soak {} {} {}\n", arguments.minutes, arguments.scale, arguments.seed)
            << std::flush;
  return Soak(arguments).Run();
}
