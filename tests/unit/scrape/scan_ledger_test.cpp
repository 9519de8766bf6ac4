// Which scans are counted, as the reader of their pages tells it.

#include "scrape/history/scan_ledger.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "history_fixture.h"

using namespace std::chrono_literals;
using scrape::HistoryCut;
using scrape::ScanEntry;
using scrape::ScanLedger;
using test::Entry;
using test::kNow;
using Fixture = test::HistoryFixture;

TEST_CASE("the first round counts nothing, and what comes later once") {
  Fixture f;
  CHECK(f.reader.Published() == nullptr);
  f.Round({Entry(1, kNow - 1min), Entry(2, kNow - 2min, false)});
  CHECK(f.Counted() == 0);
  CHECK(f.reader.Published()->in_progress == 1);
  CHECK(f.reader.Published()->last_scan == kNow - 1min);
  f.Round({Entry(3, kNow), Entry(3, kNow), Entry(1, kNow - 1min), Entry(2, kNow - 2min, false)});
  CHECK(f.Counted() == 1);
  f.Round({Entry(3, kNow), Entry(1, kNow - 1min), Entry(2, kNow - 2min)});
  CHECK(f.Counted() == 2);
  CHECK(f.reader.Published()->in_progress == 0);
  f.Round({Entry(3, kNow), Entry(1, kNow - 1min), Entry(2, kNow - 2min)});
  CHECK(f.Counted() == 2);
}

TEST_CASE("a scan in progress keeps the history of interest open, until it is given up") {
  Fixture f;
  f.Round({Entry(1, kNow - 1min, false)});
  f.Round({Entry(2, kNow + 4h, true)});  // a clock that runs ahead counts as now
  f.service_now = kNow + 5h;
  f.Round({Entry(3, kNow + 5h), Entry(1, kNow - 1min, false)});
  CHECK(f.Ask()["start_date"] == "2024-10-04T11:44:00Z");
  CHECK_FALSE(f.Page({Entry(1, kNow - 1min, false)}));
  f.service_now = kNow + 7h;
  f.Round({Entry(4, kNow + 7h), Entry(1, kNow - 1min, false)});
  CHECK(f.Ask()["start_date"] == "2024-10-04T18:45:00Z");
  const auto counted = f.Counted();
  CHECK_FALSE(f.Page({Entry(1, kNow - 1min)}));
  CHECK(f.Counted() == counted);
  CHECK(f.reader.Published()->in_progress == 0);
}

TEST_CASE("a scan that waits for its start is found, although that turns out to be earlier") {
  Fixture f;
  f.Round({Entry(1, kNow - 1min)});
  f.Round({Entry(2, {}, false), Entry(1, kNow - 1min)});
  f.service_now = kNow + 2h;
  f.Round({Entry(3, kNow + 2h), Entry(2, {}, false)});
  CHECK(f.Ask()["start_date"] <= "2024-10-04T11:50:00Z");
  CHECK_FALSE(f.Page({Entry(3, kNow + 2h), Entry(2, kNow - 5min)}));
  CHECK(f.Counted() == 2);
}

TEST_CASE("what is older than the history of interest is not counted") {
  Fixture f;
  f.Round({Entry(1, kNow)});
  f.Round({Entry(2, kNow - 16min), Entry(3, kNow - 14min)});
  CHECK(f.Counted() == 1);
}

TEST_CASE("an empty history: what begins from now on is counted, a history that appears is not") {
  Fixture f;
  f.Round({});
  CHECK_FALSE(f.reader.Published()->last_scan);
  CHECK(f.Ask()["start_date"] == "2024-10-04T11:45:00Z");
  CHECK_FALSE(f.Page({Entry(1, kNow + 1min), Entry(2, kNow - 3h)}));
  CHECK(f.Counted() == 1);
}

TEST_CASE("what a first round did not reach is never counted") {
  Fixture f;
  f.bounds.max_pages = 1;
  f.Ask();
  CHECK_FALSE(f.Page({Entry(1, kNow), Entry(2, kNow - 1s, false)}, "more"));
  CHECK(f.reader.Published()->truncated);
  f.Round({Entry(1, kNow), Entry(2, kNow - 1s), Entry(3, kNow - 2s), Entry(4, kNow)});
  CHECK(f.Counted() == 1);  // the one that was seen in progress
  f.Round({Entry(5, kNow + 1s)});
  CHECK(f.Counted() == 2);
}

TEST_CASE("what later rounds did not reach is counted by the next one that does") {
  Fixture f;
  f.Round({Entry(1, kNow - 10min)});
  f.bounds.max_pages = 1;
  f.Ask();
  CHECK_FALSE(f.Page({Entry(2, kNow)}, "more"));
  f.Round({Entry(2, kNow), Entry(3, kNow - 5min)});
  CHECK(f.Counted() == 2);
}

TEST_CASE("scans from the future count as of now, and hold nothing up") {
  Fixture f;
  f.Round({Entry(1, kNow)});
  f.Round({Entry(2, kNow + 100 * 24h), Entry(1, kNow)});
  CHECK(f.Counted() == 1);
  CHECK(f.reader.Published()->last_scan == kNow);  // that one is not believed
  CHECK(f.Ask()["start_date"] == "2024-10-04T11:45:00Z");
  CHECK_FALSE(f.Page({Entry(3, kNow + 1min), Entry(2, kNow + 100 * 24h)}));
  CHECK(f.Counted() == 2);
  CHECK(f.reader.Published()->last_scan == kNow + 1min);
}

TEST_CASE("entries without a time began when their neighbour did, and are counted once") {
  Fixture f;
  f.Round({Entry(1, kNow - 10min)});
  f.Round({Entry(2, {}), Entry(3, kNow), Entry(4, {})});
  CHECK(f.Counted() == 3);
  for (int hour = 1; hour <= 12; ++hour) {
    f.service_now = kNow + hour * 1h;
    f.Round({Entry(2, {}), Entry(100U + static_cast<std::uint64_t>(hour), f.service_now),
             Entry(4, {})});
  }
  CHECK(f.Counted() == 3 + 12);
}

TEST_CASE("a first round that was cut short, of scans without times, is only taken note of") {
  Fixture f;
  f.bounds.max_pages = 1;
  for (int round = 0; round < 3; ++round) {
    f.Ask();
    CHECK_FALSE(f.Page({Entry(1, {}), Entry(2, {})}, "more"));
    CHECK(f.reader.Published()->truncated);
    CHECK_FALSE(f.Ask().contains("start_date"));
    CHECK_FALSE(f.Page({Entry(3, {}), Entry(4, {})}, "more"));
    CHECK(f.Counted() == 0);
  }
  f.Round({Entry(3, {}), Entry(4, {}), Entry(5, {})});
  f.Round({Entry(6, {}), Entry(3, {}), Entry(4, {}), Entry(5, {})});
  CHECK(f.Counted() == 1);
}

TEST_CASE("first rounds that were cut short leave no room taken") {
  Fixture f;
  f.bounds = {.page_size = 9999, .max_pages = 1};
  std::uint64_t id = 1;
  for (int round = 0; round < 6; ++round) {
    std::vector<ScanEntry> page;
    for (int i = 0; i < 9'999; ++i) page.push_back(Entry(id++, {}));
    f.Ask();
    CHECK_FALSE(f.Page(page, "more"));
    CHECK(f.reader.Cut() == HistoryCut::kPages);
  }
  f.Round({Entry(1, {})});
  CHECK_FALSE(f.reader.Published()->truncated);
}

TEST_CASE("a scan that began later than the service's clock says is counted once") {
  Fixture f;
  f.Round({Entry(1, kNow)});
  const std::vector<ScanEntry> ahead = {Entry(2, kNow + 1h), Entry(3, kNow + 59min)};
  f.Round(ahead);
  f.service_now = kNow + 30min;
  f.Ask();
  f.bounds.max_pages = 1;
  CHECK_FALSE(f.Page({Entry(4, kNow + 90min)}, "more"));
  f.bounds.max_pages = 3;
  f.Round({Entry(4, kNow + 90min), ahead[0], ahead[1]});
  CHECK(f.Counted() == 3);
}

TEST_CASE("a scan with an impossible time is counted once, empty answers between or not") {
  Fixture f;
  f.Round({Entry(1, kNow)});
  for (int i = 1; i <= 20; ++i) {
    f.service_now = kNow + i * 10min;
    f.Round(
        {Entry(2, kNow + 100 * 24h), Entry(100U + static_cast<std::uint64_t>(i), f.service_now)});
    f.Round({});
    f.service_now += 1h;
    f.Round({});
    f.service_now -= 1h;
  }
  CHECK(f.Counted() == 1 + 20);
}

TEST_CASE("where no scan has a time the history of interest moves by the clock of the service") {
  Fixture f;
  f.Round({Entry(1, {}), Entry(2, {})});
  f.service_now = kNow + 2h;
  f.Round({Entry(3, {}), Entry(1, {})});
  CHECK(f.Counted() == 1);
  CHECK(f.Ask()["start_date"] == "2024-10-04T13:45:00Z");
}

TEST_CASE("known scans are bounded: what finds no room is not counted, and room comes again") {
  Fixture f;
  f.bounds = {.page_size = 9999, .max_pages = 1000, .max_bytes = std::size_t{1} << 30};
  f.Round({Entry(1, kNow)});
  f.service_now = kNow + 1min;
  std::vector<ScanEntry> many;
  for (std::uint64_t i = 0; i < ScanLedger::kMaxKnown + 1000; ++i) {
    many.push_back(Entry(1000 + i, kNow + 1min - i * 1ms));
  }
  for (int round = 0; round < 3; ++round) {
    f.Round(many);
    CHECK(f.Counted() == ScanLedger::kMaxKnown - 1);
    CHECK(f.reader.Cut() == HistoryCut::kMemory);
    CHECK(f.reader.Published()->truncated);
  }
  f.service_now = kNow + 1h;
  f.Round({Entry(2, kNow + 1h)});
  f.Round({Entry(3, kNow + 1h), Entry(2, kNow + 1h)});
  CHECK_FALSE(f.reader.Published()->truncated);
  CHECK(f.Counted() == ScanLedger::kMaxKnown + 1);
}

TEST_CASE("a scan that is listed with a time and without one is counted once") {
  Fixture f;
  f.Round({});
  for (int round = 0; round < 3; ++round) f.Round({Entry(1, {}, false), Entry(1, kNow - 2h)});
  CHECK(f.Counted() == 1);
}

TEST_CASE("many scans without a time are not counted again and again") {
  Fixture f;
  f.bounds = {.page_size = 9999, .max_pages = 1000, .max_bytes = std::size_t{1} << 30};
  f.Round({});
  std::vector<ScanEntry> many;
  const std::uint64_t count = ScanLedger::kMaxKnown + 10'000;
  for (std::uint64_t i = 0; i < count; ++i) many.push_back(Entry(1000 + i, {}));
  for (int round = 0; round < 5; ++round) {
    f.service_now += 5min;
    f.Round(many);
    CHECK(f.Counted() <= count);
    CHECK(f.reader.Cut() == HistoryCut::kMemory);
  }
}
