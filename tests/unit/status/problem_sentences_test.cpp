// Whatever states meet in a key, what is said of it are whole sentences for people: seeded, by
// MDCLOUD_TEST_SEED or by chance.

#include <doctest/doctest.h>

#include <array>
#include <cstdlib>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <string_view>

#include "exporter/status/status.h"
#include "status_fixture.h"

using namespace std::chrono_literals;
using exporter::KeyProblem;
using exporter::KeyStatus;

namespace {

constexpr int kKeys = 20000;

unsigned Seed() {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): the tests have one thread
  const char* const given = std::getenv("MDCLOUD_TEST_SEED");
  return given == nullptr ? std::random_device()() : static_cast<unsigned>(std::atoi(given));
}

class Chance {
 public:
  explicit Chance(unsigned seed) : random_(seed) {}
  bool One(int of) { return Below(of) == 0; }
  int Below(int limit) { return std::uniform_int_distribution<int>(0, limit - 1)(random_); }
  // Odd ones more often than others: borders, what has passed, far ahead.
  scrape::SystemTime Time() {
    constexpr std::array kOffsets = {
        0ms,     1ms,        -1ms,        999ms,          -1500ms,
        61000ms, -3600000ms, 604800000ms, -31536000000ms, 1209600000ms};
    return test::kNow + kOffsets.at(static_cast<std::size_t>(Below(kOffsets.size())));
  }
  double Number() {
    constexpr std::array kNumbers = {0.0, -1.0, 1.0, 0.5, 799.0, 800.0, 950.0, 1000.0, 1e18, -1e18};
    return kNumbers.at(static_cast<std::size_t>(Below(kNumbers.size())));
  }

 private:
  std::mt19937 random_;
};

void Shuffle(scrape::Expiration& expiration, Chance& chance) {
  using Kind = scrape::Expiration::Kind;
  expiration.kind = std::array{Kind::kUnknown, Kind::kNever, Kind::kAt}.at(
      static_cast<std::size_t>(chance.Below(3)));
  expiration.at = chance.Time();
}

void ShuffleInfo(scrape::KeyState& key, Chance& chance) {
  if (key.info == nullptr) return;
  auto info = std::make_shared<scrape::KeyInfo>(*key.info);
  Shuffle(info->entitlement.expiration, chance);
  for (auto& [api, limit] : info->entitlement.quota_limits) limit = chance.Number();
  if (info->organization != nullptr) {
    auto organization = std::make_shared<scrape::OrganizationInfo>(*info->organization);
    Shuffle(organization->entitlement.expiration, chance);
    info->organization = std::move(organization);
  }
  key.info = std::move(info);
}

void ShuffleUsage(scrape::KeyState& key, Chance& chance) {
  if (key.limits != nullptr) {
    auto limits = std::make_shared<std::decay_t<decltype(*key.limits)>>(*key.limits);
    for (auto& [api, used] : limits->used) used = chance.Number();
    key.limits = std::move(limits);
  }
  if (key.status != nullptr) {
    auto status = std::make_shared<std::decay_t<decltype(*key.status)>>(*key.status);
    for (auto& [api, left] : status->remaining) left = chance.Number();
    key.status = std::move(status);
  }
  if (key.windows == nullptr) return;
  auto windows = std::make_shared<std::decay_t<decltype(*key.windows)>>(*key.windows);
  for (scrape::QuotaWindowState& window : *windows) {
    if (chance.One(2)) window.reset = chance.Time();
    if (chance.One(3)) window.window = std::chrono::milliseconds(chance.Below(100'000'000));
  }
  key.windows = std::move(windows);
}

std::shared_ptr<scrape::KeyState> OddKey(Chance& chance) {
  auto key = std::array{test::NewKey, test::FullKey, test::MemberKey}.at(
      static_cast<std::size_t>(chance.Below(3)))("a");
  key->stopped = chance.One(4);
  key->throttled = chance.One(4);
  for (scrape::CollectorState& collector : key->collectors) {
    if (chance.One(3)) {
      collector.failure = scrape::kReasons[static_cast<std::size_t>(
          chance.Below(static_cast<int>(scrape::kReasonCount)))];
    }
    if (chance.One(3)) collector.paused = true;
    if (chance.One(4)) collector.enabled = !collector.enabled;
    if (chance.One(4)) collector.attempted = !collector.attempted;
    if (chance.One(3)) collector.last_success = chance.Time();
  }
  ShuffleInfo(*key, chance);
  ShuffleUsage(*key, chance);
  return key;
}

// Empty: it is a sentence.
std::string WrongWith(std::string_view sentence) {
  if (!sentence.ends_with('.') || sentence.ends_with("..") || sentence.ends_with(" .")) {
    return "its end";
  }
  for (const char* const word : {"null", "nan", "inf ", "  ", " ,", "()", "e+"}) {
    if (sentence.find(word) != std::string_view::npos) return word;
  }
  for (std::size_t at = sentence.find('-'); at != std::string_view::npos;
       at = sentence.find('-', at + 1)) {
    if (at + 1 < sentence.size() && sentence[at + 1] >= '0' && sentence[at + 1] <= '9') {
      return "a negative number";
    }
  }
  return "";
}

}  // namespace

TEST_CASE("whatever is the matter is said in whole sentences") {
  const unsigned seed = Seed();
  CAPTURE(seed);
  Chance chance(seed);
  std::set<exporter::Trouble> met;
  for (int i = 0; i < kKeys; ++i) {
    const exporter::Status status = test::StatusOfKeys(
        {OddKey(chance)}, {{.name = "api.metadefender.com", .paused = chance.One(4)}});
    const KeyStatus& key = status.keys.at(0);
    exporter::Severity before = exporter::Severity::kCritical;
    for (const KeyProblem& problem : key.problems) {
      CAPTURE(problem.what);
      met.insert(problem.trouble);
      REQUIRE(WrongWith(problem.what) == "");
      REQUIRE((problem.advice.empty() || WrongWith(problem.advice).empty()));
      REQUIRE(problem.severity <= before);
      REQUIRE(problem.severity > exporter::Severity::kOk);
      before = problem.severity;
    }
    REQUIRE((key.severity == exporter::Severity::kOk) == key.problems.empty());
  }
  CHECK(met.size() >= 12);  // the sentences of nearly all kinds of trouble were read
}
