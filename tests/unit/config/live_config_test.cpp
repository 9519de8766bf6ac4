#include "exporter/config/live_config.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <optional>

#include "tests/captured_log.h"
#include "tests/unit/config/fake_surroundings.h"

using exporter::Config;
using exporter::ConfigError;
using exporter::LiveConfig;
using scrape::SteadyTime;

namespace {

constexpr const char* kText = R"(global: {scrape_interval: 2m}
keys:
  - {name: production, apikey_file: keys/production}
key_directories:
  - {path: secrets}
)";

constexpr const char* kWeb = "http_server_config: {headers: {X-Frame-Options: deny}}\n";

// A configuration in memory, and what was applied of it.
struct Fixture {
  explicit Fixture(const std::string& text = kText, const std::string& web_file = "") {
    around.files["web.yml"] = kWeb;
    around.files["config.yaml"] = text;
    around.files["secrets/..data/ignored"] = "x";
    live.emplace(exporter::ConfigFile{"config.yaml", true}, web_file, around.Get());
    live->Follow({.keys =
                      [this](const Config& config) {
                        ++applied;
                        names.clear();
                        for (const auto& key : config.keys) names.push_back(key->name);
                        return takes;
                      },
                  .web = [this](const exporter::WebConfig& web) -> tl::expected<void, std::string> {
                    if (!takes_web) return tl::unexpected(std::string("restart for it"));
                    headers = web.headers;
                    return {};
                  },
                  .news = {}});
  }

  void Refresh() { live->Refresh(SteadyTime{}); }
  [[nodiscard]] const scrape::ApiKey& Key(const std::string& name) const {
    const auto config = live->InForce();
    return **std::ranges::find(config->keys, name, &scrape::ApiKey::name);
  }
  [[nodiscard]] bool Has(const std::string& name) const {
    return std::ranges::count(live->InForce()->keys, name, &scrape::ApiKey::name) == 1;
  }

  FakeSurroundings around;
  std::optional<LiveConfig> live;
  int applied = 0;
  bool takes = true;
  bool takes_web = true;
  std::map<std::string, std::string> headers;  // that were taken over last
  std::vector<std::string> names;
};

scrape::Secret Secret(const char* text) { return scrape::Secret(text); }

}  // namespace

TEST_CASE("a changed secret is taken over, without looking at the configuration file") {
  Fixture run;
  run.around.files["config.yaml"] = "nonsense: [";
  run.around.files["keys/production"] = "another-apikey-SENTINEL";
  run.Refresh();
  CHECK(run.applied == 1);
  CHECK(run.Key("production").secret == Secret("another-apikey-SENTINEL"));
  CHECK(run.Key("production").scrape_interval == std::chrono::minutes(2));
  run.Refresh();
  CHECK(run.applied == 1);  // nothing has changed since
  CHECK(run.live->Outcome().successful);
}

TEST_CASE("a secret that cannot be read any more stays, and is marked until it can") {
  Fixture run;
  const std::string good = run.around.files["keys/production"];
  for (const char* bad : {"", "two words", "SENTINEL\nSENTINEL\n"}) {
    run.around.files["keys/production"] = bad;
    run.Refresh();
    CHECK(run.Key("production").secret == Secret("production-apikey-SENTINEL"));
    CHECK(run.Key("production").secret_unreadable);
    CHECK_FALSE(run.Key("alpha").secret_unreadable);
  }
  run.around.files.erase("keys/production");
  run.around.files["secrets/alpha"] = "changed-meanwhile-SENTINEL";
  run.Refresh();
  CHECK(run.Key("production").secret == Secret("production-apikey-SENTINEL"));
  CHECK(run.Key("alpha").secret == Secret("changed-meanwhile-SENTINEL"));
  run.around.files["keys/production"] = good;
  run.Refresh();
  CHECK_FALSE(run.Key("production").secret_unreadable);
}

TEST_CASE("files of a key directory become keys and go again") {
  Fixture run;
  run.around.files["secrets/gamma"] = "gamma-apikey-SENTINEL";
  run.around.directories["secrets"] = {"beta", "gamma"};
  run.Refresh();
  CHECK(run.names == std::vector<std::string>{"production", "beta", "gamma"});
}

TEST_CASE("a bad new file of a key directory harms nobody, and becomes a key once it is good") {
  Fixture run;
  run.around.files["secrets/gamma"] = "not an apikey";
  run.around.files["secrets/production"] = "the-name-is-taken-SENTINEL";
  run.around.files["secrets/b{}d"] = "good-apikey-SENTINEL";
  run.around.directories["secrets"] = {"alpha", "b{}d", "beta", "gamma", "production"};
  run.around.files["secrets/alpha"] = "new-apikey-SENTINEL";
  run.Refresh();
  CHECK(run.names == std::vector<std::string>{"production", "alpha", "beta"});
  CHECK(run.Key("alpha").secret == Secret("new-apikey-SENTINEL"));
  CHECK(run.Key("production").secret == Secret("production-apikey-SENTINEL"));
  run.around.files["secrets/gamma"] = "gamma-apikey-SENTINEL";
  run.Refresh();
  CHECK(run.Has("gamma"));
}

TEST_CASE("a key directory that cannot be listed keeps its keys") {
  Fixture run;
  const std::vector<std::string> entries = run.around.directories["secrets"];
  run.around.directories.erase("secrets");
  run.Refresh();
  CHECK(run.Has("alpha"));
  CHECK(run.Has("beta"));
  CHECK(run.Key("alpha").secret_unreadable);
  CHECK_FALSE(run.Key("production").secret_unreadable);
  run.around.directories["secrets"] = entries;
  run.Refresh();
  CHECK_FALSE(run.Key("alpha").secret_unreadable);
}

TEST_CASE("a file of a key directory that is no apikey any more keeps its key") {
  Fixture run;
  const std::string directory = "a/directory/with/a/longer/name";
  run.around.files["config.yaml"] = "key_directories:\n  - {path: " + directory + "}\n";
  run.around.directories[directory] = {"alpha"};
  run.around.files[directory + "/alpha"] = "alpha-apikey-SENTINEL";
  REQUIRE(run.live->Reload());
  for (const char* bad : {"", "two words"}) {
    run.around.files[directory + "/alpha"] = bad;
    run.Refresh();
    REQUIRE(run.Has("alpha"));
    CHECK(run.Key("alpha").secret == Secret("alpha-apikey-SENTINEL"));
    CHECK(run.Key("alpha").secret_unreadable);
  }
  run.around.directories.erase(directory);
  run.Refresh();
  REQUIRE(run.Has("alpha"));
  CHECK(run.Key("alpha").secret_unreadable);
}

TEST_CASE("the log says of each file what is wrong and what becomes of it, and when that is over") {
  Fixture run(kText, "web.yml");
  const test::CapturedLog log;
  run.around.files["keys/production"] = "";
  run.around.files["secrets/alpha~"] = "alpha-apikey-SENTINEL";
  run.around.directories["secrets"] = {"alpha", "alpha~", "beta"};
  run.around.files["web.yml"] = "http_server_config: [\n";
  run.Refresh();
  CHECK(log.Lines("a file is not in order\"").size() == 3);
  CHECK(log.Lines("needed; the apikey that was read before stays in use").size() == 1);
  CHECK(log.Lines("its file 'alpha~' has a name that cannot").size() == 1);
  CHECK(log.Lines("and space; it is left out").size() == 1);
  CHECK(log.Lines("web.yml:").size() == 1);
  CHECK(log.Lines("; what was read before stays in use").size() == 1);
  run.around.files["keys/production"] = "two words";  // still bad, in another way
  run.Refresh();
  CHECK(log.Lines("is in order again").empty());
  CHECK(log.Lines("a problem of a file is gone").size() == 1);
}

TEST_CASE("a reload takes everything over, or nothing") {
  Fixture run;
  run.around.files["config.yaml"] =
      "keys:\n  - {name: production, apikey_file: keys/production}\n"
      "  - {name: eu, apikey_env: MDCLOUD_EU}\n";
  REQUIRE(run.live->Reload());
  CHECK(run.names == std::vector<std::string>{"production", "eu"});
  CHECK(run.live->Outcome().successful);
  CHECK(run.live->Outcome().last_success);

  const auto before = run.live->InForce();
  run.around.files["config.yaml"] =
      "keys:\n  - {name: production, apikey_file: keys/empty}\n  - {nam: eu}\n";
  const auto refused = run.live->Reload();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().size() >= 2);
  CHECK(refused.error()[0] ==
        "config.yaml:2:37: apikey_file names a file that is empty; 1 to 512 characters are needed");
  CHECK(run.live->InForce() == before);
  CHECK_FALSE(run.live->Outcome().successful);
  CHECK(run.applied == 1);
  // What a refused configuration needs is watched, too.
  CHECK(run.live->Watched().files.contains("keys/empty"));
  CHECK(run.live->Watched().files.contains("keys/production"));

  // The text in force is the one that was good.
  run.around.files["keys/production"] = "another-apikey-SENTINEL";
  run.Refresh();
  CHECK(run.Has("eu"));
  CHECK(run.Key("production").secret == Secret("another-apikey-SENTINEL"));
  CHECK_FALSE(run.live->Outcome().successful);

  run.around.files.erase("config.yaml");
  CHECK_FALSE(run.live->Reload());
  CHECK(run.live->FileDiffers());
}

TEST_CASE("who asks for a reload is told each time, in full when there is news") {
  Fixture run;
  const test::CapturedLog log;
  run.around.files["config.yaml"] = "keys: []\nnonsense: 1\nmore: 2\n";
  CHECK_FALSE(run.live->Reload());
  const std::size_t in_full = log.Lines("level=error").size();
  CHECK(in_full >= 3);
  CHECK_FALSE(run.live->Reload(LiveConfig::Cause::kSeen));
  CHECK(log.Lines("level=error").size() == in_full);
  CHECK_FALSE(run.live->Reload());
  CHECK(log.Lines("level=error").size() == in_full + 1);
  CHECK(log.Lines("problems_as_before=" + std::to_string(in_full)).size() == 1);
}

TEST_CASE("a reload is strict about secrets that Refresh would keep") {
  Fixture run;
  run.around.files.erase("keys/production");
  run.Refresh();
  CHECK(run.Key("production").secret_unreadable);
  CHECK_FALSE(run.live->Reload());
  CHECK(run.Has("production"));
}

TEST_CASE("what the scraper does not take over is not in force") {
  Fixture run;
  run.takes = false;
  const auto before = run.live->InForce();
  CHECK_FALSE(run.live->Reload());
  run.around.files["keys/production"] = "another-apikey-SENTINEL";
  const test::CapturedLog captured;
  run.Refresh();
  CHECK(run.live->InForce() == before);
  CHECK(captured.Lines("problem=\"the scrape loop does not take it over\"").size() == 1);
  run.takes = true;
  run.Refresh();
  CHECK(run.Key("production").secret == Secret("another-apikey-SENTINEL"));
}

TEST_CASE("the file of MDCLOUD_APIKEY_FILE is followed, too") {
  FakeSurroundings around;
  around.variables["MDCLOUD_APIKEY_FILE"] = "keys/production";
  LiveConfig live({"config.yaml", false}, "", around.Get());
  int applied = 0;
  live.Follow({.keys = [&applied](const Config&) { return ++applied > 0; }, .web = {}, .news = {}});
  CHECK(live.Watched().files.contains("keys/production"));
  around.files["keys/production"] = "another-apikey-SENTINEL";
  live.Refresh({});
  CHECK(applied == 1);
  around.files.erase("keys/production");
  live.Refresh({});
  CHECK(live.InForce()->keys[0]->secret == Secret("another-apikey-SENTINEL"));
  CHECK(live.InForce()->keys[0]->secret_unreadable);
  // A configuration file that was written meanwhile takes its place with the next reload.
  around.files["config.yaml"] = "keys:\n  - {name: eu, apikey_env: MDCLOUD_EU}\n";
  CHECK(live.FileDiffers());
  REQUIRE(live.Reload());
  CHECK(live.InForce()->keys[0]->name == "eu");
  // While it is gone again the variables do not take its place.
  around.files.erase("config.yaml");
  around.files["keys/production"] = "another-apikey-SENTINEL";
  CHECK(live.FileDiffers());
  const auto refused = live.Reload();
  REQUIRE_FALSE(refused);
  CHECK(refused.error()[0] == "config.yaml: cannot be read: No such file or directory");
  CHECK(live.InForce()->keys[0]->name == "eu");
}

TEST_CASE("the configuration of the pages is followed, and stays when it is not in order") {
  Fixture run(kText, "web.yml");
  CHECK(run.live->Watched().files.contains("web.yml"));
  CHECK(run.live->WebInForce()->headers.at("X-Frame-Options") == "deny");
  run.Refresh();
  CHECK(run.headers.empty());  // nothing has changed
  run.around.files["web.yml"] = "http_server_config: {headers: {X-Frame-Options: sameorigin}}\n";
  run.Refresh();
  CHECK(run.headers.at("X-Frame-Options") == "sameorigin");
  for (const bool wrong : {true, false}) {
    CAPTURE(wrong);
    run.takes_web = wrong;
    run.around.files["web.yml"] = wrong ? "nonsense: 1\n" : kWeb;
    run.around.files["keys/production"] = wrong ? "first-SENTINEL" : "second-SENTINEL";
    run.Refresh();
    CHECK(run.live->WebInForce()->headers.at("X-Frame-Options") == "sameorigin");
    CHECK(run.Key("production").secret == Secret(wrong ? "first-SENTINEL" : "second-SENTINEL"));
    const auto refused = run.live->Reload();
    REQUIRE_FALSE(refused);
    CHECK(refused.error()[0].starts_with(wrong ? "web.yml:1:1: " : "web.yml: restart"));
  }
  run.takes_web = true;
  run.takes = false;
  CHECK_FALSE(run.live->Reload());
  CHECK(run.headers.at("X-Frame-Options") == "sameorigin");  // given back
  run.takes = true;
  CHECK(run.live->Reload());
  CHECK(run.headers.at("X-Frame-Options") == "deny");
}

TEST_CASE("a file of users that is empty for a moment lets nobody in; a reload takes it") {
  const std::string users =
      "basic_auth_users: {u: $2y$04$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy}\n";
  Fixture run(kText, "web.yml");
  run.around.files["web.yml"] = users;
  const test::CapturedLog log;
  run.Refresh();
  CHECK(run.live->WebInForce()->users.contains("u"));
  CHECK(log.Lines("passwords cross the network readable").size() == 1);  // as at the start
  run.around.files["web.yml"] = "";
  run.Refresh();
  CHECK(run.live->WebInForce()->users.contains("u"));
  CHECK(log.Lines("web.yml: is empty; the users stay as they are until a reload").size() == 1);
  CHECK(run.live->Reload());
  CHECK(run.live->WebInForce()->users.empty());
}

TEST_CASE("a start tells the problems of both files") {
  FakeSurroundings around;
  around.files["config.yaml"] = "a: 1\n";
  around.files["web.yml"] = "b: 1\n";
  try {
    const LiveConfig live({"config.yaml", true}, "web.yml", around.Get());
    FAIL("it was taken");
  } catch (const ConfigError& error) {
    const std::string text = error.what();
    CHECK(text.find("config.yaml:1:1: ") != std::string::npos);
    CHECK(text.find("web.yml:1:1: ") != std::string::npos);
  }
}
