// The rules of the chart in a real Prometheus, examples/alertmanager.yml in a real Alertmanager,
// and what becomes of a key's trouble on the way to the receivers.

#include <doctest/doctest.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "simulator/cloud.h"
#include "simulator/fault.h"
#include "tests/e2e/alerting.h"
#include "tests/e2e/exporter_run.h"
#include "tests/e2e/scaled.h"
#include "tests/read_text.h"

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using Titles = std::set<std::string>;

namespace {

constexpr auto kDay = 24min;  // sixty times faster
// Of what comes within half a minute, and of the pause of a host, which takes one or, on a machine
// that is slow, three.
constexpr milliseconds kDeadline = 100s;
constexpr milliseconds kPauseDeadline = 220s;

// From docs/monitoring.md: a team for each key, from the exporter's configuration.
constexpr const char* kOfTeam =
    "key_api:mdcloud_quota_used:ratio * on (key) group_left (team) max by (key, team) "
    "(mdcloud_apikey_labels) >= 0.8";

simulator::SystemTime In(milliseconds time) {
  return std::chrono::floor<milliseconds>(std::chrono::system_clock::now()) + time;
}

std::string Listed(const Titles& titles) {
  std::string list;
  for (const std::string& title : titles) list += "\n  " + title;
  return list;
}

Titles Missing(const Titles& expected, const Titles& found) {
  Titles missing;
  std::set_difference(expected.begin(), expected.end(), found.begin(), found.end(),
                      std::inserter(missing, missing.end()));
  return missing;
}

void WaitUntilNotified(const test::Alerting& alerting, const std::string& status,
                       const Titles& expected, milliseconds deadline = kDeadline) {
  const bool all = test::Eventually(
      [&] { return Missing(expected, alerting.Notified(status)).empty(); }, deadline);
  CHECK_MESSAGE(all, "not notified as ", status, ":",
                Listed(Missing(expected, alerting.Notified(status))),
                "\nfiring:", Listed(alerting.Firing()));
}

Titles WithoutReceivers(const Titles& notified) {
  Titles titles;
  for (const std::string& one : notified) titles.insert(one.substr(one.find(": ") + 2));
  return titles;
}

Titles Union(Titles one, const Titles& other) {
  one.insert(other.begin(), other.end());
  return one;
}

// What each notification of the chart's alerts has to carry.
void CheckLabels(const test::Notification& one) {
  std::string name = one.labels.at("alertname");
  CAPTURE(name);
  CHECK(one.labels.contains("severity"));
  const std::string about = one.labels.at(one.labels.contains("key") ? "key" : "host");
  CHECK(one.annotations.at("summary").find(about) != std::string::npos);
  CHECK(one.labels.at("job") ==
        (about == "paused" || name == "MDCloudHostPaused" ? "second" : "mdcloud"));
  if (name == "MDCloudTeamQuotaHigh") {  // from the exporter's configuration
    CHECK(one.labels.at("team") == (one.labels.at("key") == "member" ? "soc" : "lab"));
    return;
  }
  CHECK(one.labels.at("team") == (name == "MDCloudThrottled" ? "network" : "soc"));
  CHECK(one.annotations.at("description") != "");
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  CHECK(one.annotations.at("runbook_url") == "https://wiki.example.com/runbook.md#" + name);
}

// Durations of a second or more, and seconds of an hour and a day.
Titles SlowWords(const std::string& text) {
  constexpr const char* kOfWords =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_.0123456789";
  Titles slow;
  for (std::size_t at = 0; (at = text.find_first_of(kOfWords, at)) != text.npos;) {
    const std::size_t end = std::min(text.find_first_not_of(kOfWords, at), text.size());
    const std::string word = text.substr(at, end - at);
    const std::size_t unit = word.find_first_not_of("0123456789");
    const bool duration =
        unit > 0 && unit + 1 == word.size() && word.find_first_of("smhdw") == unit;
    if (duration || word == "3600" || word == "86400") slow.insert(word);
    at = end;
  }
  return slow;
}

}  // namespace

TEST_CASE("sixty times faster leaves no duration as it was, and nothing else is changed") {
  CHECK(test::SixtyTimesFaster("for: 15m, [1h] offset 1w, [1d:15m], 14 * 86400, + 4 * 3600, 30s") ==
        "for: 15000ms, [60000ms] offset 10080000ms, [1440000ms:15000ms], 14 * 1440, + 4 * 60, "
        "500ms");
  for (const char* same : {"key_api:consumed:rate15m", "rate1h", "MDCloudKeyExpiresIn30Days", "0.8",
                           ">= 10", "1.5h", "127.0.0.1:9093", "86401"}) {
    CHECK(test::SixtyTimesFaster(same) == same);
  }
  for (const std::string name : {"/tests/rules/with-teams.yaml", "/examples/alertmanager.yml"}) {
    const std::string text = test::ReadText(MDCLOUD_SOURCE_DIR + name);
    CHECK(!SlowWords(text).empty());
    CHECK_MESSAGE(SlowWords(test::SixtyTimesFaster(text)).empty(), name,
                  Listed(SlowWords(test::SixtyTimesFaster(text))));
  }
}

TEST_CASE("each trouble of a key is notified to its team, that of no other, until it ends") {
  simulator::Cloud cloud;
  simulator::Cloud blocked;
  std::map<std::string, simulator::KeyScript> keys;
  std::vector<simulator::KeyScript> scripts;
  for (const char* name :
       {"healthy", "exhausted", "throttled", "rejected", "expiring", "later", "member"}) {
    scripts.push_back(keys[name] = test::AddKey(cloud, name));
  }
  // Used before anything is watched: what is used at once is a burst that predicts the end.
  keys["exhausted"].families = {{"prevention", 40, 34}};
  cloud.AddKey(keys["exhausted"]);
  simulator::KeyScript& member = keys["member"];
  member.families = {{"prevention", 10000, 9600}};
  member.organization.emplace();
  member.organization->id = "org-1";
  member.organization->limits = {{"prevention", 10000}};
  cloud.AddKey(member);
  test::RunOptions options = {.global = "", .key_options = "", .arguments = {}, .keys = scripts};
  // Three intervals, after which data is stale, leave room for a slow machine.
  options.intervals = "  scrape_interval: 2s\n  info_interval: 2s\n  scrape_timeout: 2s\n";
  options.options_of = {{"exhausted", ", labels: {team: lab}"},
                        {"member", ", labels: {team: soc}"}};
  const test::ExporterRun run(cloud, options);
  options.keys = {test::AddKey(blocked, "paused")};
  options.options_of = {};
  const test::ExporterRun second(blocked, options);
  for (const auto& [name, script] : keys) REQUIRE(run.WaitForFreshData(name));
  REQUIRE(second.WaitForFreshData("paused"));

  REQUIRE(test::ReadText(MDCLOUD_SOURCE_DIR "/docs/monitoring.md").find(kOfTeam) !=
          std::string::npos);
  const test::Alerting alerting(
      run.port(), second.port(),
      std::string("groups: [{name: own, interval: 1s, rules: [{alert: MDCloudTeamQuotaHigh, "
                  "for: 5s, labels: {severity: warning}, annotations: {summary: '{{ $labels.key "
                  "}}'}, expr: '") +
          kOfTeam + "'}]}]\n");
  REQUIRE(alerting.Problem() == "");

  // The trouble, as far as it is not there yet.
  cloud.SetThrottlingRemaining("throttled", 0);
  cloud.SetFault("rejected", simulator::Rejected());
  keys["expiring"].expiration = In(5 * kDay);
  cloud.AddKey(keys["expiring"]);
  keys["later"].expiration = In(20 * kDay);
  cloud.AddKey(keys["later"]);
  member.organization->expiration = In(5 * kDay);
  cloud.AddKey(member);
  blocked.SetFault("paused", simulator::ApiError(429, 429002, "Too many connections"));

  WaitUntilNotified(alerting, "firing", {"soc: MDCloudQuotaHigh exhausted prevention"});
  cloud.Use("exhausted", "prevention", 6);
  WaitUntilNotified(alerting, "firing", {"soc: MDCloudKeyExpiresIn7Days expiring"});
  keys["expiring"].expiration = In(-1s);
  cloud.AddKey(keys["expiring"]);

  Titles expected = {
      "soc: MDCloudQuotaHigh exhausted prevention",
      "soc: MDCloudQuotaExhausted exhausted prevention",
      "operations: MDCloudTeamQuotaHigh exhausted prevention",
      "operations: MDCloudThrottled throttled",
      "soc: MDCloudKeyRejected rejected",
      "soc: MDCloudKeyExpiresIn7Days expiring",
      "soc: MDCloudKeyExpired expiring",
      "soc: MDCloudQuotaCritical member prevention",
      "soc: MDCloudTeamQuotaHigh member prevention",
      "soc: MDCloudKeyExpiresIn7Days member",
      "soc: MDCloudHostPaused 127.0.0.1:" + std::to_string(blocked.Port()),
  };
  WaitUntilNotified(alerting, "firing", expected);
  const Titles inhibited = {"MDCloudDataStale rejected info",   "MDCloudDataStale rejected limits",
                            "MDCloudDataStale rejected status", "MDCloudDataStale paused info",
                            "MDCloudDataStale paused limits",   "MDCloudDataStale paused status",
                            "MDCloudPollFailing paused"};
  CHECK_MESSAGE(test::Eventually([&] { return alerting.Inhibited() == inhibited; }, kDeadline),
                "inhibited:", Listed(alerting.Inhibited()));
  CHECK_MESSAGE(alerting.Notified("firing") == expected, Listed(alerting.Notified("firing")));
  CHECK_MESSAGE(alerting.Fired() == Union(WithoutReceivers(expected), inhibited),
                Listed(alerting.Fired()));

  // The end of it.
  blocked.SetFault("paused", simulator::NoFault());
  keys["exhausted"].families = {{"prevention", 40}};
  cloud.AddKey(keys["exhausted"]);
  cloud.SetThrottlingRemaining("throttled", 9);
  keys["expiring"].expiration = In(300 * 24h);
  cloud.AddKey(keys["expiring"]);
  member.organization->expiration = In(300 * 24h);
  member.families = {{"prevention", 10000}};
  cloud.AddKey(member);
  std::mt19937_64 random{std::random_device()()};
  keys["rejected"].apikey = simulator::FakeApikey(random);
  cloud.AddKey(keys["rejected"]);
  std::ofstream(std::filesystem::path(run.config_file()).parent_path() / "keys/rejected")
      << keys["rejected"].apikey;

  // One that comes after an hour, of which every second counts.
  const Titles late = {"tickets: MDCloudKeyExpiresIn30Days later"};
  WaitUntilNotified(alerting, "firing", late);
  keys["later"].expiration = In(300 * 24h);
  cloud.AddKey(keys["later"]);
  expected = Union(expected, late);
  WaitUntilNotified(alerting, "resolved", expected, kPauseDeadline);
  CHECK_MESSAGE(test::Eventually([&] { return alerting.Firing().empty(); }, kDeadline),
                Listed(alerting.Firing()));
  CHECK_MESSAGE(alerting.Fired() == Union(WithoutReceivers(expected), inhibited),
                Listed(alerting.Fired()));
  for (const test::Notification& one : alerting.Notifications()) CheckLabels(one);
}
