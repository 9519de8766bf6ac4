// What is logged of failing collectors, and how much of it in a day.
#include "scrape/failure_log.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

#include "scrape/host_log.h"
#include "tests/captured_log.h"

using namespace std::chrono_literals;
using scrape::ApiKey;
using scrape::Collector;
using scrape::FailureLog;
using scrape::Reason;
using scrape::ScrapeError;
using scrape::SteadyTime;
using scrape::Task;
using test::CapturedLog;

namespace {

constexpr SteadyTime kStart{std::chrono::hours(1000)};
constexpr auto kDay = 24h;

ApiKey Key(const std::string& name) {
  ApiKey key;
  key.name = name;
  return key;
}

ScrapeError Error(Reason reason) { return {.reason = reason, .detail = "Connection refused"}; }

// All collectors of `count` keys, each asked every `period`.
class Fleet {
 public:
  Fleet(std::size_t count, std::chrono::seconds period)
      : due_(static_cast<std::size_t>(period.count())) {
    for (std::size_t i = 0; i < count; ++i) {
      keys_.push_back(Key("customer-" + std::to_string(i)));
      for (const Collector collector : scrape::kCollectors) {
        due_[(i * 37 + IndexOf(collector) * 11) % due_.size()].push_back({i, collector});
      }
    }
  }

  // `fails(round)`: whether the attempts of this round fail.
  template <typename Fails>
  void Run(std::chrono::seconds span, Fails fails) {
    for (const auto end = now_ + span; now_ < end; now_ += 1s, ++second_) {
      for (const Task& task : due_[second_ % due_.size()]) {
        const ApiKey& key = keys_[task.key];
        if (fails(second_ / due_.size())) {
          log_.Failed(task, key, Error(Reason::kConnect), now_, {.in = 60s});
        } else {
          log_.Succeeded(task, key, now_);
        }
      }
      log_.WriteSummaries(now_);
    }
  }

 private:
  std::vector<ApiKey> keys_;
  std::vector<std::vector<Task>> due_;
  FailureLog log_;
  SteadyTime now_ = kStart;
  std::size_t second_ = 0;
};

// As a schedule that backs off asks.
constexpr auto kBackedOff = 480s;

}  // namespace

TEST_CASE("a failure is told when it begins, when its reason changes and when it is over") {
  const CapturedLog captured;
  FailureLog log;
  const ApiKey key = Key("one");
  const Task task{0, Collector::kLimits};
  log.Succeeded(task, key, kStart);
  CHECK(captured.Lines().empty());
  log.Failed(task, key, Error(Reason::kConnect), kStart, {.in = 61500ms});
  log.Failed(task, key, Error(Reason::kConnect), kStart + 1min, {.in = 60s});
  REQUIRE(captured.Lines().size() == 1);
  CHECK(captured.Lines()[0].find("level=warn msg=\"scrape failed\" key=one collector=limits "
                                 "reason=connect detail=\"Connection refused\" failures=1 "
                                 "retry_in=62s") != std::string::npos);
  log.Failed(task, key, Error(Reason::kTimeout), kStart + 2min, {.in = 60s});
  CHECK(captured.Lines("reason=timeout").size() == 1);
  CHECK(captured.Lines("failures=2").size() == 1);
  log.Succeeded(task, key, kStart + 3min);
  CHECK(captured.Lines("msg=\"scrape recovered\" key=one collector=limits").size() == 1);
  CHECK(captured.Lines().size() == 3);
}

TEST_CASE("a failure that lasts is told every 15 minutes, with a count") {
  const CapturedLog captured;
  FailureLog log;
  const ApiKey key = Key("one");
  for (auto now = kStart; now < kStart + 31min; now += 1min) {
    log.Failed({0, Collector::kInfo}, key, Error(Reason::kConnect), now, {.in = 60s});
  }
  CHECK(captured.Lines().size() == 3);
  CHECK(captured.Lines("failures=15").size() == 2);
}

TEST_CASE("when it will be asked again is told as it is") {
  const CapturedLog captured;
  FailureLog log;
  const ApiKey key = Key("one");
  log.Failed({0, Collector::kInfo}, key, Error(Reason::kServerError), kStart, {});
  log.Failed({0, Collector::kLimits}, key, Error(Reason::kIpBlocked), kStart,
             {.in = {}, .host_held = true});
  CHECK(captured.Lines("retry_in=\"with another collector\"").size() == 1);
  CHECK(captured.Lines("retry_in=\"when the host is asked again\"").size() == 1);
}

TEST_CASE("a collector that comes and goes is told of four times in 15 minutes, and its end too") {
  const CapturedLog captured;
  FailureLog log;
  const ApiKey key = Key("one");
  const Task task{0, Collector::kInfo};
  auto now = kStart;
  for (; now < kStart + 14min; now += 20s) {
    log.Failed(task, key, Error(Reason::kConnect), now, {.in = 60s});
    log.Succeeded(task, key, now + 10s);
  }
  CHECK(captured.Lines().size() == 4);
  log.Failed(task, key, Error(Reason::kConnect), now, {.in = 60s});
  now += 2min;
  log.Failed(task, key, Error(Reason::kConnect), now, {.in = 60s});
  CHECK(captured.Lines().size() == 5);
  CHECK(captured.Lines("failures=42").size() == 1);  // those that were not told among them
  log.Succeeded(task, key, now + 1min);
  CHECK(captured.Lines().back().find("scrape recovered") != std::string::npos);
}

TEST_CASE("what many keys of a host have in common is one line after the first ten") {
  const CapturedLog captured;
  Fleet fleet(500, kBackedOff);
  fleet.Run(9min, [](std::size_t) { return true; });
  CHECK(captured.Lines("msg=\"scrape failed\"").size() == 10);
  const auto folded = captured.Lines("msg=\"more scrapes failed\"");
  REQUIRE(folded.size() == 1);
  CHECK(folded[0].find("host=api.metadefender.com reason=connect keys=") != std::string::npos);
  CHECK(folded[0].find("more\" lines=") != std::string::npos);
  CHECK(folded[0].find("hint=\"check base_url") != std::string::npos);
}

TEST_CASE("a day of outage: the size of the log does not grow with the number of keys") {
  for (const std::size_t count : {1U, 500U, 10'000U}) {
    CAPTURE(count);
    const CapturedLog captured;
    Fleet fleet(count, count == 1 ? 60s : kBackedOff);
    fleet.Run(kDay, [](std::size_t) { return true; });
    fleet.Run(1h, [](std::size_t) { return false; });
    // One key: each of its four collectors every 15 minutes.
    CHECK(captured.Lines().size() <= (count == 1 ? 400 : 130));
    CHECK(captured.Bytes() <= (count == 1 ? 100'000 : 40'000));
    CHECK(captured.Lines("recovered").size() >= (count == 1 ? 3 : 11));
    if (count == 1) continue;
    CHECK(captured.Lines("keys=" + std::to_string(count)).size() >= 40);
    CHECK(captured.Lines().back().find("more scrapes recovered") != std::string::npos);
  }
}

TEST_CASE("a day of coming and going: likewise") {
  for (const std::size_t count : {1U, 500U, 10'000U}) {
    CAPTURE(count);
    const CapturedLog captured;
    Fleet fleet(count, count == 1 ? 60s : kBackedOff);
    fleet.Run(kDay, [](std::size_t round) { return round % 2 == 0; });
    CHECK(captured.Lines().size() <= (count == 1 ? 1600 : 260));
    CHECK(captured.Bytes() <= (count == 1 ? 300'000 : 60'000));
    CHECK(captured.Lines().size() >= 100);
  }
}

TEST_CASE("a host that is paused again and again, and very many rejected keys") {
  const CapturedLog captured;
  scrape::HostLog log;
  std::vector<std::shared_ptr<const ApiKey>> keys;
  scrape::HostNews wait{.kind = scrape::HostNews::Kind::kKeysWait, .until = kStart + 1h};
  for (std::size_t i = 0; i < 1000; ++i) {
    keys.push_back(std::make_shared<const ApiKey>(Key("key-" + std::to_string(i))));
    wait.rejected.insert(i);
  }
  for (auto now = kStart; now < kStart + kDay; now += 2s) {
    log.Tell({.reason = Reason::kThrottled, .until = now + 1s}, "h", keys, now);
    log.Tell({.kind = scrape::HostNews::Kind::kGoesOn}, "h", keys, now + 1s);
    log.Tell(wait, "h", keys, now);
    log.WriteSummaries(now);
  }
  CHECK(captured.Lines().size() <= 3 * 108);
  CHECK(captured.Bytes() <= 70'000);
  CHECK(captured.Lines("key-4 and 995 more").size() == 10);
  CHECK(captured.Lines("times=").size() >= 3 * 95);
}

TEST_CASE("a scan history that was cut short is told of every 15 minutes, with what to do") {
  const CapturedLog captured;
  FailureLog log;
  const ApiKey key = Key("one");
  const Task task{0, Collector::kHistory};
  log.CutShort(task, key, std::nullopt, kStart);
  CHECK(captured.Lines().empty());
  for (auto now = kStart; now < kStart + 1h; now += 5min) {
    log.CutShort(task, key, scrape::HistoryCut::kPages, now);
  }
  CHECK(captured.Lines("key=one at=max_pages hint=").size() == 4);
  log.Forget(0);
  log.CutShort(task, key, scrape::HistoryCut::kCursor, kStart + 1h);
  CHECK(captured.Lines("at=cursor").size() == 1);
}

TEST_CASE("what many histories have in common is one line after the first ten") {
  const CapturedLog captured;
  FailureLog log;
  for (std::size_t i = 0; i < 100; ++i) {
    log.CutShort({i, Collector::kHistory}, Key("key-" + std::to_string(i)),
                 scrape::HistoryCut::kBytes, kStart);
  }
  log.WriteSummaries(kStart + 1h);
  CHECK(captured.Lines("at=max_bytes").size() == 10);
  const auto folded = captured.Lines("msg=\"more scan histories were cut short\"");
  REQUIRE(folded.size() == 1);
  CHECK(folded[0].find("reason=") == std::string::npos);
}
