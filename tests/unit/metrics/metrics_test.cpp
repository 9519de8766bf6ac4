#include "exporter/metrics/metrics.h"

#include <doctest/doctest.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "exporter/metrics/metric_table.h"
#include "tests/exposition_checker.h"
#include "tests/metrics_fixture.h"

using scrape::Collector;
using scrape::Reason;
using test::Exposition;
using test::FullKey;
using test::kNow;
using test::kSteadyNow;
using test::MemberKey;
using test::NewKey;
using namespace std::chrono_literals;

namespace {

using Keys = std::vector<std::shared_ptr<scrape::KeyState>>;

scrape::Snapshot SnapshotOf(const Keys& keys) {
  scrape::Snapshot snapshot;
  snapshot.keys.assign(keys.begin(), keys.end());
  snapshot.hosts = {{.name = "api.example.com", .paused = true, .keys_waiting = 3},
                    {.name = "eu.example.com:8443"}};
  snapshot.state_write_failures = 2;
  return snapshot;
}

// Rendered and found correct.
Exposition Exposed(const exporter::MetricsInput& input) {
  Exposition exposition = test::CheckExposition(exporter::RenderText(input));
  CHECK(exposition.Problems() == "");
  return exposition;
}

Exposition Exposed(const Keys& keys) {
  const scrape::Snapshot snapshot = SnapshotOf(keys);
  return Exposed(test::InputOf(snapshot));
}

// The names of the families that have a series of this key.
std::set<std::string> FamiliesOf(const Exposition& exposition, const std::string& key) {
  std::set<std::string> names;
  for (const test::Family& family : exposition.families) {
    for (const test::Sample& sample : family.samples) {
      for (const auto& [name, value] : sample.labels) {
        if (name == "key" && value == key) names.insert(family.name);
      }
    }
  }
  return names;
}

bool AnyStartsWith(const std::set<std::string>& names, const std::string& start) {
  return std::any_of(names.begin(), names.end(),
                     [&](const std::string& name) { return name.starts_with(start); });
}

scrape::CollectorState& Of(const std::shared_ptr<scrape::KeyState>& key, Collector collector) {
  return key->collectors[IndexOf(collector)];
}

}  // namespace

TEST_CASE("the metric table is sorted by name without repetition") {
  const auto table = exporter::MetricTable();
  for (std::size_t i = 1; i < table.size(); ++i) CHECK(table[i - 1].name < table[i].name);
}

TEST_CASE("every metric of the table is exposed by a full snapshot, with the labels it names") {
  Keys keys = {MemberKey("a"), test::KeyWithHistory("b")};
  Of(keys[1], Collector::kInfo).failure = Reason::kTimeout;
  auto info = std::make_shared<scrape::KeyInfo>(*keys[0]->info);
  info->nickname = "nick";
  keys[0]->info = info;
  auto key = test::Configured("a");
  key->nickname_label = true;
  key->connection = test::WithCertificateUntil(kNow);
  keys[0]->key = key;
  const scrape::Snapshot snapshot = SnapshotOf(keys);
  exporter::MetricsInput input = test::InputOf(snapshot);
  input.options.shard = {.index = 1, .total = 3};
  const Exposition exposition = Exposed(input);
  REQUIRE(exposition.families.size() == exporter::MetricTable().size());
  for (std::size_t i = 0; i < exposition.families.size(); ++i) {
    const exporter::MetricSpec& spec = exporter::MetricTable()[i];
    const test::Family& family = exposition.families[i];
    CAPTURE(spec.name);
    CHECK(family.name == spec.name);
    CHECK(family.help == exporter::HelpOf(spec));
    std::string most;  // of the sample with most labels
    for (const test::Sample& sample : family.samples) {
      std::string labels;
      for (const auto& [name, value] : sample.labels) {
        if (name != "le") labels += (labels.empty() ? "" : ", ") + name;
      }
      if (labels.size() > most.size()) most = labels;
    }
    if (spec.name == "mdcloud_apikey_labels") most += ", " + std::string(exporter::kOwnLabels);
    CHECK(most == spec.labels);
  }
}

TEST_CASE("values are exposed as the API gave them") {
  auto key = FullKey("a");
  scrape::Remaining status;
  status.remaining = {{"prevention", -12}, {"zz_new", 0.5}};
  status.throttle_remaining = 0;
  key->status = std::make_shared<const scrape::Remaining>(status);
  const Exposition exposition = Exposed(Keys{key, FullKey("b")});
  CHECK(exposition.Value("mdcloud_quota_limit", {{"api", "prevention"}, {"key", "a"}}) == 20000);
  CHECK(exposition.Value("mdcloud_quota_used", {{"api", "prevention"}, {"key", "a"}}) == 1234);
  CHECK(exposition.Value("mdcloud_quota_remaining", {{"api", "prevention"}, {"key", "a"}}) == -12);
  CHECK(exposition.Value("mdcloud_quota_remaining", {{"api", "zz_new"}, {"key", "a"}}) == 0.5);
  CHECK_FALSE(exposition.Has("mdcloud_quota_remaining", {{"api", "feed"}, {"key", "a"}}));
  CHECK(exposition.Value("mdcloud_quota_remaining", {{"api", "feed"}, {"key", "b"}}) == 1000);
  CHECK_FALSE(exposition.Has("mdcloud_quota_limit", {{"api", "download_file"}, {"key", "a"}}));
  CHECK(exposition.Value("mdcloud_throttle_limit", {{"key", "a"}}) == 75);
  CHECK(exposition.Value("mdcloud_throttle_remaining", {{"key", "a"}}) == 0);
  CHECK(exposition.Value("mdcloud_apikey_max_upload_file_size_bytes", {{"key", "a"}}) ==
        1024.0 * 1048576);
  CHECK(exposition.Value("mdcloud_apikey_feature", {{"feature", "large_files"}, {"key", "a"}}) ==
        1);
  CHECK(exposition.Value("mdcloud_apikey_feature", {{"feature", "enterprise"}, {"key", "a"}}) == 0);
}

TEST_CASE("what an answer does not say is absent") {
  auto key = FullKey("a");
  key->info = std::make_shared<const scrape::KeyInfo>();
  key->limits = std::make_shared<const scrape::Consumption>();
  key->status = std::make_shared<const scrape::Remaining>();
  key->windows.reset();
  const std::set<std::string> names = FamiliesOf(Exposed(Keys{key}), "a");
  for (const std::string& name : names) {
    CAPTURE(name);
    const bool expected = name.starts_with("mdcloud_scrape_collector_") || name == "mdcloud_up" ||
                          name == "mdcloud_api_response_time_seconds" ||
                          name == "mdcloud_apikey_valid" || name == "mdcloud_apikey_labels" ||
                          name == "mdcloud_apikey_info" || name == "mdcloud_throttled";
    CHECK(expected);
  }
}

TEST_CASE("before the first answer a key has its labels and is not up") {
  const Exposition exposition = Exposed(Keys{NewKey("a")});
  CHECK(FamiliesOf(exposition, "a") ==
        std::set<std::string>{"mdcloud_apikey_labels", "mdcloud_up",
                              "mdcloud_scrape_collector_interval_seconds",
                              "mdcloud_scrape_collector_next_attempt_timestamp_seconds"});
  CHECK(exposition.Value("mdcloud_up", {{"key", "a"}}) == 0);
}

TEST_CASE("a key that waits is told from one that was never asked") {
  auto key = NewKey("a");
  Of(key, Collector::kInfo).paused = true;
  const Exposition exposition = Exposed(Keys{key});
  const std::map<std::string, std::string> labels = {{"collector", "info"}, {"key", "a"}};
  CHECK(exposition.Value("mdcloud_scrape_collector_success", labels) == 0);
  CHECK(exposition.Has("mdcloud_scrape_collector_error",
                       {{"collector", "info"}, {"key", "a"}, {"reason", "paused"}}));
  CHECK_FALSE(
      exposition.Has("mdcloud_scrape_collector_success", {{"collector", "limits"}, {"key", "a"}}));
  CHECK_FALSE(exposition.Has("mdcloud_scrape_collector_duration_seconds", labels));
}

TEST_CASE("up demands that every enabled collector's last attempt succeeded") {
  const auto up = [](const std::shared_ptr<scrape::KeyState>& key) {
    return Exposed(Keys{key}).Value("mdcloud_up", {{"key", "a"}});
  };
  auto key = FullKey("a");
  CHECK(up(key) == 1);
  Of(key, Collector::kStatus).failure = Reason::kDns;
  CHECK(up(key) == 0);
  Of(key, Collector::kStatus).enabled = false;
  CHECK(up(key) == 1);
  Of(key, Collector::kLimits).paused = true;
  CHECK(up(key) == 0);
  Of(key, Collector::kLimits).paused = false;
  Of(key, Collector::kLimits).attempted = false;
  CHECK(up(key) == 0);
  for (scrape::CollectorState& collector : key->collectors) collector.enabled = false;
  CHECK(up(key) == 0);
}

TEST_CASE("a failed collector keeps its values until their time is over, others are unharmed") {
  auto key = FullKey("a");
  scrape::CollectorState& limits = Of(key, Collector::kLimits);
  limits.failure = Reason::kServerError;
  limits.keep_until = kSteadyNow + 1ns;
  const std::map<std::string, std::string> labels = {{"collector", "limits"}, {"key", "a"}};
  Exposition exposition = Exposed(Keys{key});
  CHECK(exposition.Find("mdcloud_quota_used") != nullptr);
  CHECK(exposition.Value("mdcloud_scrape_collector_success", labels) == 0);
  CHECK(exposition.Value("mdcloud_scrape_collector_success",
                         {{"collector", "info"}, {"key", "a"}}) == 1);
  CHECK(exposition.Has("mdcloud_scrape_collector_error",
                       {{"collector", "limits"}, {"key", "a"}, {"reason", "server_error"}}));
  CHECK(exposition.Find("mdcloud_scrape_collector_error")->samples.size() == 1);

  limits.keep_until = kSteadyNow;
  exposition = Exposed(Keys{key});
  CHECK(exposition.Find("mdcloud_quota_used") == nullptr);
  CHECK(exposition.Find("mdcloud_quota_limit") != nullptr);
  CHECK(exposition.Find("mdcloud_quota_remaining") != nullptr);
  CHECK(exposition.Value("mdcloud_scrape_collector_last_success_timestamp_seconds", labels) ==
        1767323025);

  Of(key, Collector::kInfo).keep_until = kSteadyNow;
  const std::set<std::string> names = FamiliesOf(Exposed(Keys{key}), "a");
  CHECK_FALSE(AnyStartsWith(names, "mdcloud_apikey_max"));
  CHECK_FALSE(names.contains("mdcloud_apikey_info"));
  CHECK_FALSE(names.contains("mdcloud_quota_limit"));
  CHECK_FALSE(names.contains("mdcloud_throttle_limit"));
  CHECK(names.contains("mdcloud_apikey_valid"));
  CHECK(names.contains("mdcloud_apikey_labels"));
}

TEST_CASE("a rejected key loses quota and throttle at once and keeps what explains it") {
  auto key = MemberKey("a");
  key->stopped = true;
  key->valid = false;
  Of(key, Collector::kInfo).failure = Reason::kUnauthorized;
  for (scrape::CollectorState& collector : key->collectors) {
    collector.paused = true;
    collector.keep_until = scrape::SteadyTime::max();
  }
  const Exposition exposition = Exposed(Keys{key, FullKey("b")});
  const std::set<std::string> names = FamiliesOf(exposition, "a");
  for (const std::string& name : names) {
    if (name.starts_with("mdcloud_quota_")) CHECK(name == "mdcloud_quota_consumed_total");
  }
  CHECK(names.contains("mdcloud_quota_consumed_total"));
  CHECK_FALSE(AnyStartsWith(names, "mdcloud_throttle"));
  CHECK(names.contains("mdcloud_apikey_expiration_days"));
  CHECK(names.contains("mdcloud_apikey_info"));
  CHECK(names.contains("mdcloud_organization_quota_limit"));
  CHECK(names.contains("mdcloud_organization_throttle_limit"));
  CHECK(exposition.Value("mdcloud_apikey_valid", {{"key", "a"}}) == 0);
  CHECK(exposition.Value("mdcloud_up", {{"key", "a"}}) == 0);
  CHECK(exposition.Has("mdcloud_scrape_collector_error",
                       {{"collector", "info"}, {"key", "a"}, {"reason", "unauthorized"}}));
  CHECK(exposition.Has("mdcloud_scrape_collector_error",
                       {{"collector", "limits"}, {"key", "a"}, {"reason", "paused"}}));
  CHECK(AnyStartsWith(FamiliesOf(exposition, "b"), "mdcloud_quota_"));
}

TEST_CASE("expiry: a date, never, passed and unknown are four different things") {
  auto key = FullKey("a");
  auto info = std::make_shared<scrape::KeyInfo>(*key->info);
  const auto with = [&](scrape::Expiration expiration) {
    info->entitlement.expiration = expiration;
    key->info = std::make_shared<const scrape::KeyInfo>(*info);
    return Exposed(Keys{key});
  };
  const std::map<std::string, std::string> labels = {{"key", "a"}};
  using Kind = scrape::Expiration::Kind;
  Exposition exposition = with({Kind::kAt, kNow + 36h});
  CHECK(exposition.Value("mdcloud_apikey_expires", labels) == 1);
  CHECK(exposition.Value("mdcloud_apikey_expiration_days", labels) == 1.5);
  CHECK(exposition.Value("mdcloud_apikey_expiration_timestamp_seconds", labels) ==
        1767323045 + 36 * 3600);
  CHECK(with({Kind::kAt, kNow - 12h}).Value("mdcloud_apikey_expiration_days", labels) == -0.5);
  exposition = with({Kind::kNever, {}});
  CHECK(exposition.Value("mdcloud_apikey_expires", labels) == 0);
  CHECK_FALSE(exposition.Has("mdcloud_apikey_expiration_days", labels));
  CHECK_FALSE(exposition.Has("mdcloud_apikey_expiration_timestamp_seconds", labels));
  exposition = with({Kind::kUnknown, {}});
  CHECK_FALSE(exposition.Has("mdcloud_apikey_expires", labels));
  CHECK_FALSE(exposition.Has("mdcloud_apikey_expiration_days", labels));
}

TEST_CASE("expiration days can be switched off, timestamps stay") {
  const scrape::Snapshot snapshot = SnapshotOf({MemberKey("a")});
  exporter::MetricsInput input = test::InputOf(snapshot);
  input.options.expiration_days = false;
  const Exposition exposition = Exposed(input);
  CHECK(exposition.Find("mdcloud_apikey_expiration_days") == nullptr);
  CHECK(exposition.Find("mdcloud_organization_expiration_days") == nullptr);
  CHECK(exposition.Find("mdcloud_apikey_expiration_timestamp_seconds") != nullptr);
  CHECK(exposition.Find("mdcloud_organization_expiration_timestamp_seconds") != nullptr);
}

TEST_CASE("the user's labels are there in every state, sorted, and cannot rename the key") {
  auto config = test::Configured("a");
  config->labels = {{"team", "x\"y\\"}, {"env", "prod"}, {"key", "other"}};
  auto key = NewKey("a");
  key->key = config;
  key->stopped = true;
  const Exposition exposition = Exposed(Keys{key, NewKey("b")});
  CHECK(
      exposition.Has("mdcloud_apikey_labels", {{"env", "prod"}, {"key", "a"}, {"team", "x\"y\\"}}));
  CHECK(exposition.Has("mdcloud_apikey_labels", {{"key", "b"}}));
  CHECK(exposition.Find("mdcloud_apikey_labels")->samples.size() == 2);
}

TEST_CASE("the nickname is a label only for keys that have it switched on") {
  auto key = FullKey("a");
  auto info = std::make_shared<scrape::KeyInfo>(*key->info);
  info->nickname = "nick";
  key->info = info;
  CHECK(exporter::RenderText(test::InputOf(SnapshotOf({key}))).find("nick\"") == std::string::npos);
  auto config = test::Configured("a");
  config->nickname_label = true;
  key->key = config;
  const Exposition exposition = Exposed(Keys{key});
  const test::Labels& labels = exposition.Find("mdcloud_apikey_info")->samples[0].labels;
  CHECK(std::find(labels.begin(), labels.end(),
                  std::pair<std::string, std::string>("nickname", "nick")) != labels.end());
}

TEST_CASE("HELP of a cached value names the collector and the metric that tells its age") {
  for (const exporter::MetricSpec& spec : exporter::MetricTable()) {
    CAPTURE(spec.name);
    const std::string help = exporter::HelpOf(spec);
    CHECK(help.ends_with("."));
    const bool names_age =
        help.find("mdcloud_scrape_collector_last_success_timestamp_seconds") != std::string::npos;
    CHECK(names_age == spec.cached_from.has_value());
    const bool data = spec.name.starts_with("mdcloud_quota_") ||
                      spec.name.starts_with("mdcloud_throttle_") ||
                      spec.name.starts_with("mdcloud_organization_");
    if (data) CHECK(spec.cached_from.has_value());
  }
}
