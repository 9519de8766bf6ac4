#include "exporter/config/reloader.h"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "exporter/config/surroundings.h"
#include "tests/temp_dir.h"
#include "tests/unit/config/fake_surroundings.h"

using namespace std::chrono_literals;
namespace fs = std::filesystem;
using exporter::Config;
using exporter::LiveConfig;
using exporter::Reloader;
using exporter::ReloadResult;

namespace {

constexpr auto kLongEnough = std::chrono::seconds(20);

[[nodiscard]] bool Becomes(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + kLongEnough;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

std::string OneKey(const std::string& file) {
  return "keys:\n  - {name: one, apikey_file: " + file + "}\n";
}

}  // namespace

TEST_CASE("a file that changes between being read and being watched is read again") {
  const test::TempDir dir;
  dir.Write("keys/one", "an-apikey-SENTINEL");
  dir.Write("other/one", "the-first-apikey-SENTINEL");
  const std::string config = dir.Write("config.yaml", OneKey("keys/one"));
  exporter::Surroundings around = exporter::SystemSurroundings();
  around.read_file = [&dir, before = around.read_file, written = false](const std::string& path,
                                                                        std::size_t limit) mutable {
    auto text = before(path, limit);
    if (path.ends_with("other/one") && !std::exchange(written, true)) {
      dir.Write("other/one", "the-second-apikey-SENTINEL");
    }
    return text;
  };
  LiveConfig live({config, true}, "", around);
  live.Follow({.keys = [](const Config&) { return true; }, .web = {}, .news = {}});
  Reloader reloader(live, false);
  reloader.Start();
  dir.Write("config.yaml", OneKey("other/one"));
  reloader.Request([](const ReloadResult&) {});
  CHECK(Becomes([&live] {
    return live.InForce()->keys[0]->secret == scrape::Secret("the-second-apikey-SENTINEL");
  }));
  CHECK(reloader.Stop(kLongEnough));
}

TEST_CASE("after an exception nobody waits for a reload") {
  const test::TempDir dir;
  dir.Write("keys/one", "an-apikey-SENTINEL");
  LiveConfig live({dir.Write("config.yaml", OneKey("keys/one")), true}, "",
                  exporter::SystemSurroundings());
  live.Follow({.keys = [](const Config&) -> bool { throw std::runtime_error("no memory"); },
               .web = {},
               .news = {}});
  Reloader reloader(live, false);
  reloader.Start();
  for (int i = 0; i < 2; ++i) {
    auto waits = std::make_shared<bool>(true);
    const std::weak_ptr<bool> waiting = waits;
    reloader.Request([waits = std::move(waits)](const ReloadResult&) {});
    CHECK(Becomes([&waiting] { return waiting.expired(); }));
  }
  CHECK(reloader.Stop(kLongEnough));
}

TEST_CASE("a change that nobody tells of is found all the same") {
  const test::TempDir dir;
  const std::string file = dir.Write("keys/key", "the-first-apikey-SENTINEL");
  const std::string config = dir.Write("config.yaml", "keys: [{name: a, apikey_file: keys/key}]\n");
  fs::create_directory(dir.path() + "/elsewhere");
  fs::create_hard_link(file, dir.path() + "/elsewhere/key");
  LiveConfig live({config, true}, "", exporter::SystemSurroundings());
  std::promise<void> taken;
  bool found = false;
  live.Follow({.keys =
                   [&](const Config& next) {
                     const scrape::Secret expected("another-apikey-SENTINEL");
                     const bool first = next.keys.at(0)->secret == expected && !found;
                     if (first) taken.set_value();
                     found = found || first;
                     return true;
                   },
               .web = {},
               .news = {}});
  Reloader reloader(live, false, 50ms);
  reloader.Start();
  std::promise<void> watches;
  reloader.Request([&watches](const exporter::ReloadResult&) { watches.set_value(); });
  watches.get_future().wait();
  std::ofstream(dir.path() + "/elsewhere/key") << "another-apikey-SENTINEL";
  CHECK(taken.get_future().wait_for(20s) == std::future_status::ready);
  CHECK(reloader.Stop(20s));
}

TEST_CASE("while a file does not answer, only a few requests for reloads wait for it") {
  FakeSurroundings files;
  files.files["config.yaml"] = "keys: [{name: production, apikey_file: keys/production}]\n";
  std::atomic<bool> hangs = false;
  std::promise<void> reached;
  std::promise<void> answers;
  const std::shared_future<void> answered = answers.get_future().share();
  exporter::Surroundings around = files.Get();
  const auto read = around.read_file;
  around.read_file = [&, read](const std::string& path, std::size_t limit) {
    if (hangs.exchange(false)) {
      reached.set_value();
      answered.wait();
    }
    return read(path, limit);
  };
  exporter::LiveConfig live({"config.yaml", true}, "", around);
  live.Follow(
      {.keys = [](const exporter::Config&) { return true; },
       .web = [](const exporter::WebConfig&) -> tl::expected<void, std::string> { return {}; },
       .news = {}});
  exporter::Reloader reloader(live, false);
  hangs = true;
  reloader.Start();
  REQUIRE(reached.get_future().wait_for(10s) == std::future_status::ready);

  constexpr int kRequests = 600;
  std::atomic<int> refused = 0;
  std::atomic<int> reloaded = 0;
  for (int i = 0; i < kRequests; ++i) {
    reloader.Request([&](const ReloadResult& result) { ++(result ? reloaded : refused); });
  }
  CHECK(refused >= kRequests - 64);
  CHECK(reloaded == 0);
  std::promise<void> later;
  answers.set_value();
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  while (refused + reloaded < kRequests && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::yield();
  }
  CHECK(refused + reloaded == kRequests);
  CHECK(reloaded > 0);
  reloader.Request([&](const ReloadResult& result) {
    CHECK(result);
    later.set_value();
  });
  CHECK(later.get_future().wait_for(10s) == std::future_status::ready);
  CHECK(reloader.Stop(10s));
}
