#include "exporter/status/quota_status.h"

#include <doctest/doctest.h>

#include <optional>

#include "tests/metrics_fixture.h"

using namespace std::chrono_literals;
using exporter::ApiStatus;
using exporter::Severity;

namespace {

// One API of a key, as its three collectors tell of it.
struct Told {
  std::optional<double> used = {};
  std::optional<double> remaining = {};
  std::optional<double> limit = {};
  std::optional<double> organization = {};
};

scrape::ApiValues Values(std::optional<double> value) {
  scrape::ApiValues values;
  if (value) values.emplace_back("sandbox", *value);
  return values;
}

std::shared_ptr<scrape::KeyState> KeyOf(const Told& told) {
  auto key = test::MemberKey("a");
  key->windows.reset();
  auto info = std::make_shared<scrape::KeyInfo>(*key->info);
  info->entitlement.quota_limits = Values(told.limit);
  info->organization->entitlement.quota_limits = Values(told.organization);
  key->info = std::move(info);
  scrape::Consumption limits;
  limits.used = Values(told.used);
  key->limits = std::make_shared<const scrape::Consumption>(std::move(limits));
  scrape::Remaining status;
  status.remaining = Values(told.remaining);
  key->status = std::make_shared<const scrape::Remaining>(std::move(status));
  return key;
}

// The window opened 12 h before the last answer, and ends 12 h after it.
void OpenWindow(scrape::KeyState& key) {
  auto windows = std::make_shared<scrape::QuotaWindowStates>();
  windows->push_back({.family = "sandbox", .window = 24h, .reset = test::kNow - 20s + 12h});
  key.windows = std::move(windows);
}

ApiStatus QuotaOf(const scrape::KeyState& key) {
  const auto quotas = exporter::QuotasOf(exporter::ViewOf(key, test::kSteadyNow), test::kNow);
  REQUIRE(quotas.size() == 1);
  CHECK(quotas[0].api == "sandbox");
  return quotas[0];
}

ApiStatus QuotaOf(const Told& told) { return QuotaOf(*KeyOf(told)); }

}  // namespace

TEST_CASE("the limit that counts: what is metered, else the organisation's, else the key's") {
  const Told all{.used = 30, .remaining = 70, .limit = 5, .organization = 500};
  CHECK(QuotaOf(all).limit == 100.0);
  CHECK(QuotaOf(all).share == 0.3);
  CHECK(QuotaOf(all).remaining == 70.0);

  const ApiStatus organization = QuotaOf(Told{.used = 30, .limit = 5, .organization = 500});
  CHECK(organization.limit == 500.0);
  CHECK(organization.remaining == 470.0);

  const ApiStatus own = QuotaOf(Told{.used = 6, .limit = 5});
  CHECK(own.limit == 5.0);
  CHECK(own.remaining == -1.0);
  CHECK(own.share == 1.2);
  CHECK(own.severity == Severity::kCritical);

  CHECK(QuotaOf(Told{.used = 0, .remaining = 0, .limit = 5}).limit == 5.0);
}

TEST_CASE("what is not known is absent, never 0") {
  const ApiStatus used = QuotaOf(Told{.used = 30});
  CHECK(used.used == 30.0);
  CHECK_FALSE(used.limit);
  CHECK_FALSE(used.remaining);
  CHECK_FALSE(used.share);
  CHECK_FALSE(used.entitled);
  CHECK(used.severity == Severity::kUnknown);

  const ApiStatus remaining = QuotaOf(Told{.remaining = 30, .limit = 40});
  CHECK_FALSE(remaining.used);
  CHECK_FALSE(remaining.share);
  CHECK(remaining.remaining == 30.0);
  CHECK_FALSE(QuotaOf(Told{.remaining = 30, .limit = 40}).used_per_hour);
}

TEST_CASE("a limit of nothing is no licence, and no alarm") {
  const ApiStatus none = QuotaOf(Told{.used = 0, .remaining = 0, .limit = 0});
  CHECK(none.entitled == false);
  CHECK_FALSE(none.share);
  CHECK(none.severity == Severity::kOk);
}

TEST_CASE("severities are those of the alerts") {
  const auto severity = [](double used) {
    return QuotaOf(Told{.used = used, .remaining = 1000 - used}).severity;
  };
  CHECK(severity(799) == Severity::kOk);
  CHECK(severity(800) == Severity::kWarning);
  CHECK(severity(949) == Severity::kWarning);
  CHECK(severity(950) == Severity::kCritical);
  CHECK(severity(1000) == Severity::kCritical);
  // Nothing left, whatever was used.
  CHECK(QuotaOf(Told{.remaining = 0}).severity == Severity::kCritical);
}

TEST_CASE("how long it lasts follows from the pace since the window opened") {
  auto key = KeyOf({.used = 60, .remaining = 40});
  OpenWindow(*key);
  const ApiStatus quota = QuotaOf(*key);
  CHECK(quota.resets_at == test::kNow - 20s + 12h);
  CHECK(*quota.used_per_hour == doctest::Approx(5));
  CHECK(quota.runs_out_at == test::kNow - 20s + 8h);
  CHECK_FALSE(quota.lasts);
  CHECK(quota.severity == Severity::kWarning);

  key = KeyOf({.used = 40, .remaining = 60});
  OpenWindow(*key);
  CHECK(QuotaOf(*key).lasts);
  CHECK(QuotaOf(*key).severity == Severity::kOk);

  key = KeyOf({.used = 0, .remaining = 100});
  OpenWindow(*key);
  CHECK(QuotaOf(*key).used_per_hour == 0.0);
  CHECK_FALSE(QuotaOf(*key).runs_out_at);
}

TEST_CASE("no pace without a window, in its first two intervals, or after its end") {
  auto key = KeyOf({.used = 60, .remaining = 40});
  CHECK_FALSE(QuotaOf(*key).used_per_hour);

  const auto with = [&key](scrape::QuotaWindowState window) {
    window.family = "sandbox";
    auto windows = std::make_shared<scrape::QuotaWindowStates>();
    windows->push_back(std::move(window));
    key->windows = std::move(windows);
    return QuotaOf(*key);
  };
  // The last answer is 20 s old, the interval a minute.
  const auto early = with({.family = {}, .window = 24h, .reset = test::kNow - 20s + 24h - 119s});
  CHECK(early.resets_at);
  CHECK_FALSE(early.used_per_hour);
  CHECK(with({.family = {}, .window = 24h, .reset = test::kNow - 20s + 24h - 120s}).used_per_hour);
  CHECK_FALSE(with({.family = {}, .window = {}, .reset = test::kNow + 1h}).used_per_hour);
  const auto ended = with({.family = {}, .window = 24h, .reset = test::kNow});
  CHECK_FALSE(ended.resets_at);
  CHECK_FALSE(ended.runs_out_at);
}

TEST_CASE("a rejected key has no quotas, an answer that is too old tells none") {
  auto key = KeyOf({.used = 60, .remaining = 40, .limit = 100});
  OpenWindow(*key);
  key->collectors[IndexOf(scrape::Collector::kLimits)].keep_until = test::kSteadyNow;
  CHECK_FALSE(QuotaOf(*key).used);
  CHECK_FALSE(QuotaOf(*key).resets_at);
  CHECK(QuotaOf(*key).limit == 100.0);
  key->stopped = true;
  CHECK(exporter::QuotasOf(exporter::ViewOf(*key, test::kSteadyNow), test::kNow).empty());
}
