#include <doctest/doctest.h>

#include <map>
#include <memory>
#include <string>

#include "exporter/metrics/metrics.h"
#include "tests/exposition_checker.h"
#include "tests/metrics_fixture.h"

using namespace std::chrono_literals;
using scrape::QuotaWindowStates;
using test::kNow;

namespace {

const std::map<std::string, std::string> kFeed = {{"api", "feed"}, {"key", "a"}};
const std::map<std::string, std::string> kSandbox = {{"api", "sandbox"}, {"key", "a"}};

std::shared_ptr<scrape::KeyState> KeyWith(QuotaWindowStates windows) {
  auto key = test::FullKey("a");
  key->windows = std::make_shared<const QuotaWindowStates>(std::move(windows));
  return key;
}

test::Exposition Exposed(const std::shared_ptr<scrape::KeyState>& key) {
  scrape::Snapshot snapshot;
  snapshot.keys = {key};
  test::Exposition exposition =
      test::CheckExposition(exporter::RenderText(test::InputOf(snapshot)));
  CHECK(exposition.Problems() == "");
  return exposition;
}

}  // namespace

TEST_CASE("of a window only what is known is exposed") {
  const auto exposition = Exposed(KeyWith({{.family = "feed", .consumed_total = 7},
                                           {.family = "sandbox",
                                            .consumed_total = 0,
                                            .window = 90500ms,
                                            .reset = kNow + 1500ms,
                                            .reset_uncertainty = 61250ms}}));
  CHECK(exposition.Value("mdcloud_quota_consumed_total", kFeed) == 7);
  CHECK(exposition.Value("mdcloud_quota_consumed_total", kSandbox) == 0);
  for (const char* name : {"mdcloud_quota_window_seconds", "mdcloud_quota_reset_timestamp_seconds",
                           "mdcloud_quota_reset_uncertainty_seconds"}) {
    CHECK_FALSE(exposition.Has(name, kFeed));
  }
  CHECK(exposition.Value("mdcloud_quota_window_seconds", kSandbox) == 90.5);
  CHECK(exposition.Value("mdcloud_quota_reset_timestamp_seconds", kSandbox) == 1767323046.5);
  CHECK(exposition.Value("mdcloud_quota_reset_uncertainty_seconds", kSandbox) == 61.25);
}

TEST_CASE("a reset that has passed is gone, with its uncertainty") {
  const auto exposition = Exposed(KeyWith({{.family = "feed", .window = 24h, .reset = kNow}}));
  CHECK_FALSE(exposition.Has("mdcloud_quota_reset_timestamp_seconds", kFeed));
  CHECK_FALSE(exposition.Has("mdcloud_quota_reset_uncertainty_seconds", kFeed));
  CHECK(exposition.Value("mdcloud_quota_window_seconds", kFeed) == 86400);
}

TEST_CASE("windows go with the values they were taken from, what was counted stays") {
  auto key = test::FullKey("a");
  SUBCASE("too old") {
    key->collectors[IndexOf(scrape::Collector::kLimits)].keep_until = test::kSteadyNow;
  }
  SUBCASE("rejected") { key->stopped = true; }
  const auto exposition = Exposed(key);
  for (const char* name : {"mdcloud_quota_window_seconds", "mdcloud_quota_reset_timestamp_seconds",
                           "mdcloud_quota_reset_uncertainty_seconds"}) {
    CHECK(exposition.Find(name) == nullptr);
  }
  CHECK(exposition.Value("mdcloud_quota_consumed_total", kSandbox) == 70);
}
