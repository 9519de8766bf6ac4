// Several processes that share a configuration.

#include <doctest/doctest.h>

#include <cstddef>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/e2e/exporter_run.h"
#include "tests/temp_dir.h"

using test::ExporterRun;

namespace {

constexpr std::size_t kKeys = 40;

std::unique_ptr<ExporterRun> StartShard(const simulator::Cloud& cloud,
                                        const std::vector<simulator::KeyScript>& keys, int index,
                                        int total, const std::string& storage) {
  return std::make_unique<ExporterRun>(
      cloud, test::RunOptions{.global = "",
                              .key_options = "",
                              .arguments = {"--shard=" + std::to_string(index),
                                            "--total-shards=" + std::to_string(total),
                                            "--storage.path=" + storage},
                              .keys = keys});
}

// The keys that a process serves.
std::set<std::string> KeysOf(const ExporterRun& run) {
  std::set<std::string> names;
  const test::Exposition metrics = run.Metrics();
  const test::Family* const up = metrics.Find("mdcloud_up");
  if (up == nullptr) return names;
  for (const test::Sample& sample : up->samples) names.insert(sample.labels.at(0).second);
  return names;
}

}  // namespace

TEST_CASE("three shards ask for every key once, and a fourth takes a quarter") {
  simulator::Cloud cloud;
  std::vector<simulator::KeyScript> keys;
  for (std::size_t i = 0; i < kKeys; ++i)
    keys.push_back(test::AddKey(cloud, "key-" + std::to_string(i)));
  const test::TempDir storage;
  std::set<std::string> all;
  std::vector<std::set<std::string>> of_three;
  {
    std::vector<std::unique_ptr<ExporterRun>> runs;
    for (int i = 0; i < 3; ++i) runs.push_back(StartShard(cloud, keys, i, 3, storage.path()));
    for (std::size_t i = 0; i < runs.size(); ++i) {
      const ExporterRun& run = *runs[i];
      of_three.push_back(KeysOf(run));
      CHECK(of_three.back().size() > 5);
      for (const std::string& key : of_three.back()) CHECK(all.insert(key).second);
      CHECK(run.Metrics().Value("mdcloud_exporter_shard", {}) == static_cast<double>(i));
      CHECK(run.Metrics().Value("mdcloud_exporter_shards", {}) == 3);
      CHECK(run.Metrics().Value("mdcloud_exporter_configured_keys", {}) ==
            static_cast<double>(of_three.back().size()));
      // The others keep silent about it, too.
      CHECK(test::Fetch(run.Url("/config")).body.find("max_rejected_requests_per_hour: 1\n") !=
            std::string::npos);
      REQUIRE(run.WaitForFreshData(*of_three.back().begin()));
    }
    CHECK(all.size() == kKeys);
    // What a process does not serve it does not ask for.
    cloud.ForgetRequests();
    REQUIRE(test::Eventually([&] { return cloud.Requests().size() > 5 * kKeys; }));
    for (const simulator::KeyScript& key : keys) {
      CHECK(cloud.RequestsOf(key.name).size() < 20);
      CHECK_FALSE(cloud.RequestsOf(key.name).empty());
    }
  }
  int moved = 0;
  for (int i = 0; i < 4; ++i) {
    const auto run = StartShard(cloud, keys, i, 4, storage.path());
    for (const std::string& key : KeysOf(*run)) {
      const bool here_before = i < 3 && of_three[static_cast<std::size_t>(i)].contains(key);
      if (here_before) continue;
      CHECK(i == 3);
      ++moved;
    }
  }
  CHECK(moved > 4);
  CHECK(moved < 17);
}
