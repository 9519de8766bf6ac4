#include "exporter/status/problems.h"

#include <doctest/doctest.h>

#include <set>

#include "status_fixture.h"

using namespace std::chrono_literals;
using exporter::KeyProblem;
using exporter::KeyStatus;
using exporter::Severity;
using exporter::Trouble;
using scrape::Collector;

namespace {

KeyStatus One(const std::shared_ptr<scrape::KeyState>& key,
              const std::vector<scrape::HostState>& hosts = {}) {
  static exporter::Status status;  // what the answer points into
  status = test::StatusOfKeys({key}, hosts);
  return status.keys.at(0);
}

std::vector<Trouble> TroublesOf(const KeyStatus& key) {
  std::vector<Trouble> troubles;
  for (const KeyProblem& problem : key.problems) troubles.push_back(problem.trouble);
  return troubles;
}

scrape::CollectorState& At(const std::shared_ptr<scrape::KeyState>& key, Collector collector) {
  return key->collectors[IndexOf(collector)];
}

}  // namespace

TEST_CASE("every reason has words and advice of its own kind") {
  std::set<std::string_view> words;
  for (const scrape::Reason reason : scrape::kReasons) {
    const exporter::ReasonWords told = exporter::WordsOf(reason);
    CHECK_FALSE(told.what.empty());
    CHECK_FALSE(told.what.ends_with('.'));
    CHECK(told.advice.ends_with('.'));
    words.insert(told.what);
  }
  CHECK(words.size() == scrape::kReasonCount);
}

TEST_CASE("a key that answers has no problem") {
  const KeyStatus key = One(test::FullKey("a"));
  CHECK(key.problems.empty());
  CHECK(key.severity == Severity::kOk);
}

TEST_CASE("collectors that fail alike are one problem that names them") {
  const auto key = test::FullKey("a");
  At(key, Collector::kInfo).failure = scrape::Reason::kTimeout;
  At(key, Collector::kStatus).failure = scrape::Reason::kTimeout;
  At(key, Collector::kLimits).failure = scrape::Reason::kDns;
  const KeyStatus status = One(key);
  REQUIRE(TroublesOf(status) == std::vector{Trouble::kFailing, Trouble::kFailing});
  CHECK(status.problems[0].what == "The name of the service was not found (limits).");
  CHECK(status.problems[1].what == "The service did not answer in time (info, status).");
  CHECK(status.severity == Severity::kWarning);
}

TEST_CASE("a rejected key says so first, whatever else is the matter") {
  const auto key = test::FullKey("a");
  key->stopped = true;
  At(key, Collector::kInfo).failure = scrape::Reason::kUnauthorized;
  At(key, Collector::kLimits).paused = At(key, Collector::kStatus).paused = true;
  At(key, Collector::kInfo).last_success = test::kNow - 5h;
  const KeyStatus status = One(key);
  CHECK(TroublesOf(status) == std::vector{Trouble::kRejected});
  CHECK(status.severity == Severity::kCritical);
  // By a collector that was switched off since.
  At(key, Collector::kInfo).enabled = false;
  CHECK(TroublesOf(One(key)) == std::vector{Trouble::kRejected});
}

TEST_CASE("a paused host is the problem of its keys, not of others") {
  const auto key = test::NewKey("a");
  for (auto& collector : key->collectors) collector.paused = true;
  const std::string host = "api.metadefender.com";
  CHECK(TroublesOf(One(key, {{.name = host, .paused = true}})) ==
        std::vector{Trouble::kHostPaused});
  CHECK(TroublesOf(One(key, {{.name = host}, {.name = "z", .paused = true}})) ==
        std::vector{Trouble::kWaiting});
}

TEST_CASE("a key that was not asked yet is unknown, not bad") {
  const KeyStatus key = One(test::NewKey("a"));
  CHECK(TroublesOf(key) == std::vector{Trouble::kNotAskedYet});
  CHECK(key.severity == Severity::kUnknown);
}

TEST_CASE("the end of the licence: the earlier one of key and organisation") {
  const auto ends = [](std::chrono::milliseconds key_in, std::chrono::milliseconds other_in) {
    const auto key = test::MemberKey("a");
    auto info = std::make_shared<scrape::KeyInfo>(*key->info);
    info->entitlement.expiration.at = test::kNow + key_in;
    info->organization = std::make_shared<scrape::OrganizationInfo>(*info->organization);
    info->organization->entitlement.expiration.at = test::kNow + other_in;
    key->info = std::move(info);
    return One(key);
  };
  CHECK(ends(400h, 500h).problems.empty());
  CHECK(ends(336h, 500h).problems.empty());
  const KeyStatus soon = ends(335h, 500h);
  CHECK(TroublesOf(soon) == std::vector{Trouble::kExpiresSoon});
  CHECK(soon.severity == Severity::kWarning);
  CHECK(soon.problems[0].what == "The licence ends in 13 d 23 h.");
  CHECK(ends(500h, 167h).severity == Severity::kCritical);
  CHECK(ends(500h, 167h).expiry.of_organization);
  const KeyStatus over = ends(500h, -72h);
  CHECK(TroublesOf(over) == std::vector{Trouble::kExpired});
  CHECK(over.problems[0].what == "The organisation's licence ended 3 d ago.");
}

TEST_CASE("quotas: the worst first, with its share and how long it lasts") {
  const auto key = test::FullKey("a");
  scrape::Remaining status;
  status.remaining = {{"feed", 0}, {"prevention", 308}, {"sandbox", 0.2}};
  key->status = std::make_shared<const scrape::Remaining>(std::move(status));
  const KeyStatus told = One(key);
  REQUIRE(TroublesOf(told) ==
          std::vector{Trouble::kExhausted, Trouble::kNearlyExhausted, Trouble::kHigh});
  CHECK(told.problems[0].what == "Nothing is left of feed, for another 6 h.");
  CHECK(told.problems[1].what == "97 % of sandbox are used.");
  CHECK(told.problems[2].what == "80 % of prevention are used.");
  CHECK(told.problems[2].api == "prevention");
}

TEST_CASE("old data, an unreadable secret and throttling are warnings") {
  auto key = test::FullKey("a");
  At(key, Collector::kLimits).last_success = test::kNow - 181s;
  CHECK(TroublesOf(One(key)) == std::vector{Trouble::kStale});
  CHECK(One(key).problems[0].what == "The last good answer is 3 m 1 s old (limits).");
  At(key, Collector::kLimits).last_success = test::kNow - 180s;
  CHECK(One(key).problems.empty());

  auto unreadable = test::Configured("a");
  unreadable->secret_unreadable = true;
  key->key = unreadable;
  CHECK(TroublesOf(One(key)) == std::vector{Trouble::kSecretUnreadable});

  key = test::FullKey("a");
  key->throttled = true;
  CHECK(TroublesOf(One(key)) == std::vector{Trouble::kThrottled});
  At(key, Collector::kLimits).failure = scrape::Reason::kThrottled;
  CHECK(TroublesOf(One(key)) == std::vector{Trouble::kThrottled});
  CHECK(One(key).severity == Severity::kWarning);
}
