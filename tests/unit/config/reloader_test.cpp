#include "exporter/config/reloader.h"

#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <future>

#include "exporter/config/surroundings.h"
#include "tests/temp_dir.h"

using namespace std::chrono_literals;
using exporter::Config;
using exporter::LiveConfig;
using exporter::Reloader;
namespace fs = std::filesystem;

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
