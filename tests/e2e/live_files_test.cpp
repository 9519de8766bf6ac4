// Apikeys that are replaced, removed and added while the exporter runs, without a reload.

#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>

#include "tests/e2e/exporter_run.h"

using test::Eventually;
using test::ExporterRun;
namespace fs = std::filesystem;

namespace {

std::string Directory(const ExporterRun& run) {
  return fs::path(run.config_file()).parent_path().string();
}

// As careful people and tools replace a file.
void Replace(const std::string& file, const std::string& text) {
  std::ofstream(file + ".new") << text << '\n';
  fs::rename(file + ".new", file);
}

bool HasReason(const ExporterRun& run, const std::string& key, const std::string& reason) {
  return run.Metrics().Has("mdcloud_scrape_collector_error",
                           {{"key", key}, {"collector", "limits"}, {"reason", reason}});
}

bool IsUp(const ExporterRun& run, const std::string& key) {
  const test::Exposition metrics = run.Metrics();
  return metrics.Has("mdcloud_up", {{"key", key}}) &&
         metrics.Value("mdcloud_up", {{"key", key}}) == 1;
}

bool IsThere(const ExporterRun& run, const std::string& key) {
  return run.Metrics().Has("mdcloud_up", {{"key", key}});
}

// A volume as the kubelet makes and updates it.
class MountedSecret {
 public:
  explicit MountedSecret(std::string path) : path_(std::move(path)) {
    fs::create_directories(path_);
  }
  void Update(const std::map<std::string, std::string>& entries) {
    const std::string version = "..2026_" + std::to_string(++version_);
    fs::create_directory(path_ + "/" + version);
    for (const auto& [name, content] : entries) {
      std::ofstream(path_ + "/" + version + "/" + name) << content;
    }
    const std::string before = current_;
    current_ = version;
    fs::create_directory_symlink(version, path_ + "/..data_tmp");
    fs::rename(path_ + "/..data_tmp", path_ + "/..data");
    for (const auto& [name, content] : entries) {
      std::error_code exists;
      fs::create_symlink("..data/" + name, path_ + "/" + name, exists);
    }
    for (const auto& entry : fs::directory_iterator(path_)) {
      const std::string name = entry.path().filename();
      if (name[0] != '.' && !entries.contains(name)) fs::remove(entry.path());
    }
    if (!before.empty()) fs::remove_all(path_ + "/" + before);
  }

 private:
  const std::string path_;
  std::string current_;
  int version_ = 0;
};

std::string AnApikey() {
  static std::mt19937_64 random{std::random_device()()};
  return simulator::FakeApikey(random);
}

}  // namespace

TEST_CASE("a replaced apikey takes effect by itself, and lifts the stop of a rejected key") {
  simulator::Cloud cloud;
  const auto wrong = test::AddKey(cloud, "wrong");
  const auto good = test::AddKey(cloud, "good");
  cloud.RemoveKey("wrong");
  const ExporterRun run(cloud,
                        {.global = "", .key_options = "", .arguments = {}, .keys = {wrong, good}});
  REQUIRE(run.WaitForReason("wrong", "unauthorized"));
  auto replacement = test::AddKey(cloud, "wrong");
  Replace(Directory(run) + "/keys/wrong", replacement.apikey);
  CHECK(Eventually([&] { return IsUp(run, "wrong"); }));
  CHECK(run.Metrics().Value("mdcloud_apikey_valid", {{"key", "wrong"}}) == 1);
  test::CheckUnharmed(run, cloud, {replacement, good});
  // One question each: what was rejected before is not asked again with the old apikey.
  CHECK(run.Metrics().Value("mdcloud_client_request_failures_total",
                            {{"collector", "info"}, {"reason", "unauthorized"}}) == 1);
}

TEST_CASE("another account under the same name: what was counted stays, nothing is added") {
  simulator::Cloud cloud;
  auto key = test::AddKey(cloud, "rotated");
  key.families = {{"prevention", 4000, 100}};
  cloud.AddKey(key);
  const ExporterRun run(cloud, {.global = "", .key_options = "", .arguments = {}, .keys = {key}});
  const std::map<std::string, std::string> labels = {{"key", "rotated"}, {"api", "prevention"}};
  const auto counted = [&] {
    const auto metrics = run.Metrics();
    const char* const name = "mdcloud_quota_consumed_total";
    return metrics.Has(name, labels) ? metrics.Value(name, labels) : -1;
  };
  const auto polls = [&] { return cloud.RequestsOf("rotated").size(); };
  REQUIRE(Eventually([&] { return polls() >= 15; }));
  cloud.Use("rotated", "prevention", 7);
  REQUIRE(Eventually([&] { return counted() == 7; }));
  key.apikey = AnApikey();
  key.families = {{"prevention", 4000, 2000}};
  cloud.AddKey(key);  // the old apikey is not known any more
  Replace(Directory(run) + "/keys/rotated", key.apikey);
  const std::size_t before = polls();
  REQUIRE(Eventually([&] { return polls() >= before + 15; }));
  CHECK(Eventually([&] { return IsUp(run, "rotated"); }));
  cloud.Use("rotated", "prevention", 5);
  CHECK(Eventually([&] { return counted() == 12; }));
}

TEST_CASE("a removed apikey stays in use, says so, and is followed again once it is back") {
  simulator::Cloud cloud;
  const auto key = test::AddKey(cloud, "key");
  ExporterRun run(cloud, {.global = "", .key_options = "", .arguments = {}, .keys = {key}});
  REQUIRE(run.WaitForFreshData("key"));
  const std::string file = Directory(run) + "/keys/key";
  for (const bool removed : {true, false}) {
    CAPTURE(removed);
    removed ? static_cast<void>(fs::remove(file)) : Replace(file, "not an apikey");
    CHECK(Eventually([&] { return HasReason(run, "key", "secret"); }));
    CHECK(run.WaitForFreshData("key"));
    CHECK(IsUp(run, "key"));
    CHECK(Eventually([&] {
      return run.process().Err().find("the apikey that was read before stays in use") !=
             std::string::npos;
    }));
    Replace(file, key.apikey);
    CHECK(Eventually([&] { return !HasReason(run, "key", "secret"); }));
  }
  CHECK(run.process().Err().find(key.apikey.substr(0, 12)) == std::string::npos);
}

TEST_CASE("a mounted Kubernetes secret: its entries come, change and go") {
  simulator::Cloud cloud;
  const auto first = test::AddKey(cloud, "first");
  const auto second = test::AddKey(cloud, "second");
  const auto plain = test::AddKey(cloud, "plain");
  const test::TempDir dir;
  MountedSecret mounted(dir.path() + "/mount");
  mounted.Update({{"first", first.apikey}});
  const ExporterRun run(cloud,
                        {.global = "",
                         .key_options = "",
                         .arguments = {},
                         .keys = {plain},
                         .after_keys = "key_directories:\n  - {path: " + dir.path() + "/mount}\n"});
  REQUIRE(Eventually([&] { return IsUp(run, "first"); }));
  mounted.Update({{"first", first.apikey}, {"second", second.apikey}});
  CHECK(Eventually([&] { return IsUp(run, "second"); }));
  auto rotated = first;
  rotated.apikey = AnApikey();
  cloud.AddKey(rotated);
  mounted.Update({{"first", rotated.apikey}, {"second", second.apikey}});
  test::CheckUnharmed(run, cloud, {rotated, second, plain});
  mounted.Update({{"first", rotated.apikey}});
  CHECK(Eventually([&] { return !IsThere(run, "second"); }));
  CHECK(IsThere(run, "first"));
  mounted.Update({});
  CHECK(Eventually([&] { return !IsThere(run, "first"); }));
  test::CheckUnharmed(run, cloud, {plain});
}

TEST_CASE("the apikey of MDCLOUD_APIKEY_FILE is followed") {
  simulator::Cloud cloud;
  auto key = test::AddKey(cloud, "default");
  const test::TempDir dir;
  const std::string file = dir.Write("apikey", key.apikey);
  test::Process process({"sh", "-c", "cd \"$0\" && exec \"$1\" --web.listen-address=127.0.0.1:0",
                         dir.path(), test::BinaryPath()},
                        {{"MDCLOUD_APIKEY_FILE", file}, {"MDCLOUD_BASE_URL", cloud.BaseUrl()}});
  const std::string port = process.ErrAfter("msg=listening address=127.0.0.1:");
  REQUIRE_FALSE(port.empty());
  REQUIRE(Eventually([&] { return cloud.RequestsOf("default").size() >= 3; }));
  key.apikey = AnApikey();
  cloud.AddKey(key);
  cloud.ForgetRequests();
  Replace(file, key.apikey);
  CHECK(Eventually([&] { return !cloud.RequestsOf("default").empty(); }));
}
