// Windows over real sockets: what was consumed across a reset, against the simulator's truth.

#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tests/e2e/exporter_run.h"

using namespace std::chrono_literals;
using test::ExporterRun;

namespace {

constexpr std::chrono::seconds kWindow{6};

simulator::KeyScript AddKeyWithWindows(simulator::Cloud& cloud, const std::string& name,
                                       bool announced, std::chrono::milliseconds lag) {
  simulator::KeyScript script = test::AddKey(cloud, name);
  script.families = {{"prevention", 4000}};
  script.window = kWindow;
  script.announces_windows = announced;
  script.replica_lag = lag;
  cloud.AddKey(script);
  return script;
}

class Watched {
 public:
  Watched(simulator::Cloud& cloud, const ExporterRun& run, std::string key)
      : cloud_(cloud), run_(run), key_(std::move(key)) {}

  [[nodiscard]] const std::string& Name() const { return key_; }
  [[nodiscard]] double Exported(const std::string& name) const {
    const test::Exposition metrics = run_.Metrics();
    return metrics.Has(name, Labels()) ? metrics.Value(name, Labels()) : -1;
  }
  [[nodiscard]] simulator::FamilyTruth Truth() const {
    return cloud_.Truth(key_).families.at("prevention");
  }
  // Nothing is counted before the first three answers.
  [[nodiscard]] bool PolledOften() const {
    return test::Eventually([&] {
      std::size_t polls = 0;
      for (const auto& request : cloud_.RequestsOf(key_)) {
        if (request.path.ends_with("/limits")) ++polls;
      }
      return polls >= 5;
    });
  }
  [[nodiscard]] bool CountsAll() const {
    return test::Eventually([&] {
      return Exported("mdcloud_quota_consumed_total") == static_cast<double>(Truth().total);
    });
  }
  [[nodiscard]] bool WindowEnds() const {
    return test::Eventually([&] { return Truth().used == 0; }, 10 * kWindow);
  }

 private:
  [[nodiscard]] std::map<std::string, std::string> Labels() const {
    return {{"key", key_}, {"api", "prevention"}};
  }

  simulator::Cloud& cloud_;
  const ExporterRun& run_;
  std::string key_;
};

}  // namespace

TEST_CASE("consumption across resets is the truth, announced or not, replicas out of step or not") {
  simulator::Cloud cloud;
  const std::vector<simulator::KeyScript> keys = {
      AddKeyWithWindows(cloud, "announced", true, 0ms),
      AddKeyWithWindows(cloud, "silent", false, 0ms),
      AddKeyWithWindows(cloud, "out-of-step", true, 1500ms)};
  const ExporterRun run(cloud, {.global = "", .key_options = "", .arguments = {}, .keys = keys});
  std::vector<Watched> all;
  for (const auto& key : keys) all.emplace_back(cloud, run, key.name);
  for (const Watched& key : all) {
    REQUIRE(key.PolledOften());
    CHECK(key.Exported("mdcloud_quota_consumed_total") == 0);
  }
  // Each window uses less than half of the one before: more could not be told from it by polling
  // alone.
  for (const std::int64_t use : {90, 30, 9}) {
    CAPTURE(use);
    for (const std::int64_t count : {use, std::int64_t{3}}) {
      for (const auto& key : keys) cloud.Use(key.name, "prevention", count);
      for (const Watched& key : all) {
        CAPTURE(key.Name());
        CHECK(key.CountsAll());
      }
    }
    CHECK(all[0].Exported("mdcloud_quota_window_seconds") == kWindow.count());
    CHECK(all[0].Exported("mdcloud_quota_reset_uncertainty_seconds") <= 0);
    CHECK(all[1].Exported("mdcloud_quota_window_seconds") == 86400);
    for (const Watched& key : all) CHECK(key.WindowEnds());
  }
}

TEST_CASE("an announced reset is the simulator's") {
  simulator::Cloud cloud;
  simulator::KeyScript key = AddKeyWithWindows(cloud, "announced", true, 0ms);
  key.window = std::chrono::hours(5);
  cloud.AddKey(key);
  cloud.Use(key.name, "prevention", 1);
  const ExporterRun run(cloud, {.global = "", .key_options = "", .arguments = {}, .keys = {key}});
  const Watched watched(cloud, run, key.name);
  REQUIRE(test::Eventually(
      [&] { return watched.Exported("mdcloud_quota_reset_timestamp_seconds") > 0; }));
  const auto left = *watched.Truth().window_end - std::chrono::steady_clock::now();
  const std::chrono::duration<double> end =
      std::chrono::system_clock::now().time_since_epoch() + left;
  const double difference = watched.Exported("mdcloud_quota_reset_timestamp_seconds") - end.count();
  CHECK(difference > -5);
  CHECK(difference < 5);
  CHECK(watched.Exported("mdcloud_quota_reset_uncertainty_seconds") == 0);
  CHECK(watched.Exported("mdcloud_quota_window_seconds") == 5 * 3600);
}
