#include "tests/bench/fixture.h"

#include <chrono>
#include <string>
#include <utility>

#include "tests/metrics_fixture.h"

namespace bench {
namespace {

using scrape::Collector;

std::string NameOf(int number) {
  const std::string digits = std::to_string(number);
  return "customer-" + std::string(5 - digits.size(), '0') + digits;
}

// No two keys have the same numbers: that would compress too well.
void Vary(scrape::KeyState& state, int number) {
  auto limits = std::make_shared<scrape::Consumption>(*state.limits);
  auto status = std::make_shared<scrape::Remaining>(*state.status);
  const double step = number * 7919 % 10007;
  for (auto& [api, value] : limits->used) value += step;
  for (auto& [api, value] : status->remaining) value += 20000 - step;
  state.limits = limits;
  state.status = status;
  auto info = std::make_shared<scrape::KeyInfo>(*state.info);
  info->entitlement.expiration.at +=
      std::chrono::milliseconds(number * 86'413'007LL % 31'536'000'000);
  state.info = info;
  for (scrape::CollectorState& collector : state.collectors) {
    collector.duration = std::chrono::duration<double>(0.05 + step / 100'003);
    *collector.last_success -= std::chrono::milliseconds(number * 61 % 60'000);
  }
}

void Reduce(scrape::KeyState& state) {
  state.windows.reset();
  for (const Collector collector : {Collector::kLimits, Collector::kStatus}) {
    scrape::CollectorState& of = state.collectors[IndexOf(collector)];
    of.next_attempt.reset();
    of.api_response_time_seconds.reset();
  }
  auto info = std::make_shared<scrape::KeyInfo>(*state.info);
  info->max_file_download.reset();
  state.info = info;
}

}  // namespace

std::shared_ptr<const scrape::Snapshot> Fixture55(int keys) {
  auto snapshot = std::make_shared<scrape::Snapshot>();
  for (int i = 0; i < keys; ++i) {
    auto state = test::FullKey(NameOf(i));
    Vary(*state, i);
    Reduce(*state);
    snapshot->keys.push_back(std::move(state));
  }
  return snapshot;
}

std::shared_ptr<const scrape::Snapshot> FixtureContract(int keys) {
  auto snapshot = std::make_shared<scrape::Snapshot>();
  for (int i = 0; i < keys; ++i) {
    auto state = i % 2 == 0 ? test::FullKey(NameOf(i)) : test::MemberKey(NameOf(i));
    Vary(*state, i);
    snapshot->keys.push_back(std::move(state));
  }
  return snapshot;
}

}  // namespace bench
