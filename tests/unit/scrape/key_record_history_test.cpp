// What a key's record makes of the pages of its scan history.

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>

#include "scrape/key_record.h"
#include "test_keys.h"

using namespace std::chrono_literals;
using scrape::Answer;
using scrape::Collector;
using scrape::HistoryCut;
using scrape::Reason;
using scrape::ScanEntry;
using scrape::ScanHistoryPage;
using scrape::ScrapeError;

namespace {

std::shared_ptr<const scrape::ApiKey> KeyWith(scrape::CollectorSet collectors,
                                              const std::string& secret = "0") {
  return test::Key("a", [&](scrape::ApiKey& key) {
    key.collectors = collectors;
    key.secret = scrape::Secret(std::string(32, secret[0]));
  });
}

struct Fixture {
  scrape::Moment now{scrape::SteadyTime(1'000'000s), scrape::SystemTime(1'700'000'000s)};
  std::shared_ptr<const scrape::ApiKey> key = KeyWith({true, true, true, true});
  scrape::Schedule schedule{{key}, {}, 1, now.steady};
  scrape::KeyRecord record{key, schedule, 0};
  std::uint64_t next_id = 1;

  // A page with so many new scans.
  ScanHistoryPage Page(int scans, std::string cursor = "") {
    ScanHistoryPage page;
    page.next_cursor = std::move(cursor);
    for (int i = 0; i < scans; ++i) {
      ScanEntry entry;
      entry.id = next_id++;
      entry.start = now.system;
      entry.finished = true;
      entry.result = 1;
      page.entries.push_back(entry);
    }
    return page;
  }

  bool Take(tl::expected<Answer, ScrapeError> answer) {
    static_cast<void>(record.NextOfHistory(now.steady));
    const bool more =
        record.TakeHistory(answer, {.bytes = 10, .took = 0.1s, .service_now = now.system});
    if (more) return true;
    if (answer) {
      record.Succeeded(Collector::kHistory, 0.1s, {}, *std::move(answer), now);
    } else {
      record.Failed(Collector::kHistory, 0.1s, answer.error(), now);
    }
    return false;
  }

  std::shared_ptr<const scrape::KeyState> State() { return record.Published(); }
  std::uint64_t Counted() { return State()->history->totals.results[1]; }
};

}  // namespace

TEST_CASE("nothing of a history is published before its first round has ended") {
  Fixture f;
  CHECK(f.State()->history == nullptr);
  CHECK(f.Take(f.Page(2, "more")));
  CHECK(f.State()->history == nullptr);
  CHECK_FALSE(f.State()->collectors[IndexOf(Collector::kHistory)].attempted);
  CHECK_FALSE(f.Take(f.Page(2)));
  REQUIRE(f.State()->history != nullptr);
  CHECK(f.Counted() == 0);
  CHECK(f.State()->collectors[IndexOf(Collector::kHistory)].last_success == f.now.system);
}

TEST_CASE("later, what a page brings is published at once, whatever becomes of the round") {
  Fixture f;
  CHECK_FALSE(f.Take(f.Page(1)));
  CHECK(f.Take(f.Page(3, "more")));
  CHECK(f.Counted() == 3);
  CHECK_FALSE(f.Take(tl::unexpected(ScrapeError{.reason = Reason::kTimeout})));
  CHECK(f.Counted() == 3);
  CHECK(f.State()->collectors[IndexOf(Collector::kHistory)].failure == Reason::kTimeout);
  CHECK_FALSE(f.record.NextOfHistory(f.now.steady).query.back().first == "cursor");
}

TEST_CASE("a page that is too large ends a round, and fails as the first one") {
  Fixture f;
  const ScrapeError too_large{.reason = Reason::kBodyTooLarge};
  CHECK_FALSE(f.Take(tl::unexpected(too_large)));
  CHECK(f.State()->history == nullptr);
  CHECK(f.State()->collectors[IndexOf(Collector::kHistory)].failure == Reason::kBodyTooLarge);
  CHECK(f.Take(f.Page(1, "more")));
  CHECK_FALSE(f.Take(tl::unexpected(too_large)));
  REQUIRE(f.State()->history != nullptr);
  CHECK(f.State()->history->truncated);
  CHECK(f.record.CutOfHistory() == HistoryCut::kBytes);
  CHECK_FALSE(f.State()->collectors[IndexOf(Collector::kHistory)].failure);
}

TEST_CASE("switched off it is not published, switched on again it counts on from where it was") {
  Fixture f;
  CHECK_FALSE(f.Take(f.Page(1)));
  CHECK_FALSE(f.Take(f.Page(3)));
  f.record.Configure(KeyWith({true, true, true, false}));
  CHECK(f.State()->history == nullptr);
  f.record.Configure(KeyWith({true, true, true, true}));
  CHECK(f.Counted() == 3);
  CHECK_FALSE(f.Take(f.Page(5)));  // only taken note of
  CHECK(f.Counted() == 3);
  CHECK_FALSE(f.Take(f.Page(1)));
  CHECK(f.Counted() == 4);
}

TEST_CASE("another apikey has another history; what was counted stays") {
  Fixture f;
  CHECK_FALSE(f.Take(f.Page(1)));
  CHECK_FALSE(f.Take(f.Page(3)));
  f.record.SecretChanged(KeyWith({true, true, true, true}, "1"), 0, f.now);
  CHECK(f.Counted() == 3);
  CHECK_FALSE(f.Take(f.Page(5)));
  CHECK(f.Counted() == 3);
}
