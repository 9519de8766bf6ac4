#include "scrape/history/scan_history_reader.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using scrape::HistoryBounds;
using scrape::HistoryCut;
using scrape::ScanEntry;
using scrape::ScanHistoryPage;
using scrape::ScanHistoryReader;
using scrape::ScanLedger;
using scrape::SteadyTime;
using scrape::SystemTime;

namespace {

constexpr SystemTime kNow{20'000 * 24h + 12h};  // 2024-10-04T12:00:00Z

ScanEntry Entry(std::uint64_t id, std::optional<SystemTime> start, bool finished = true) {
  ScanEntry entry;
  entry.id = id;
  entry.start = start;
  entry.finished = finished;
  entry.result = 0;
  return entry;
}

struct Fixture {
  HistoryBounds bounds = {.page_size = 2, .max_pages = 3};
  ScanHistoryReader reader;
  SystemTime service_now = kNow;
  SteadyTime now{1'000'000s};

  std::map<std::string, std::string> Ask() {
    const auto request = reader.Next(bounds, now);
    return {request.query.begin(), request.query.end()};
  }

  // True: another page is to follow.
  bool Page(std::vector<ScanEntry> entries, std::string cursor = "", std::size_t bytes = 100) {
    return reader.Take({std::move(entries), std::move(cursor)},
                       {.bytes = bytes, .at = now, .service_now = service_now}, bounds);
  }

  // A round of one page.
  void Round(std::vector<ScanEntry> entries) {
    Ask();
    CHECK_FALSE(Page(std::move(entries)));
  }

  [[nodiscard]] std::uint64_t Counted() const { return reader.Published()->totals.results[0]; }
};

}  // namespace

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

TEST_CASE("requests state a limit, where the history of interest begins, and the cursor") {
  Fixture f;
  CHECK(f.Ask() == std::map<std::string, std::string>{{"limit", "2"}});
  CHECK(f.Page({Entry(1, kNow), Entry(2, kNow - 1min)}, "next /&"));
  CHECK(f.Ask() == std::map<std::string, std::string>{{"limit", "2"}, {"cursor", "next /&"}});
  CHECK_FALSE(f.Page({Entry(3, kNow - 5min)}));
  CHECK(f.Ask() ==
        std::map<std::string, std::string>{{"limit", "2"}, {"start_date", "2024-10-04T11:45:00Z"}});
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

TEST_CASE("a page that was on its way when the history was forgotten tells nothing") {
  Fixture f;
  f.Ask();
  CHECK(f.Page({Entry(1, kNow)}, "1"));
  f.Ask();
  f.reader.ForgetAccount();
  CHECK_FALSE(f.Page({Entry(2, kNow - 1h)}));
  CHECK(f.reader.Published() == nullptr);
  f.Round({Entry(1, kNow), Entry(2, kNow - 1h)});
  CHECK(f.Counted() == 0);
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

TEST_CASE("every page but the last one is followed by another, up to each bound") {
  Fixture f;
  SUBCASE("of pages") {
    for (int page = 1; page < 3; ++page) {
      f.Ask();
      CHECK(f.Page({Entry(static_cast<std::uint64_t>(page), kNow)}, std::to_string(page)));
    }
    f.Ask();
    CHECK_FALSE(f.Page({Entry(3, kNow)}, "3"));
    CHECK(f.reader.Cut() == HistoryCut::kPages);
  }
  SUBCASE("of bytes") {
    CHECK(f.reader.Next(f.bounds, f.now).max_bytes == std::size_t{8} << 20);
    CHECK(f.Page({Entry(1, kNow)}, "1", 6 << 20));
    CHECK(f.reader.Next(f.bounds, f.now).max_bytes == std::size_t{2} << 20);
    CHECK_FALSE(f.Page({Entry(2, kNow)}, "2", 2 << 20));
    CHECK(f.reader.Cut() == HistoryCut::kBytes);
  }
  SUBCASE("of bytes, by a page that is larger than what is left") {
    f.Ask();
    CHECK_FALSE(f.reader.TooLarge(kNow));  // nothing was read
    f.Ask();
    CHECK(f.Page({Entry(1, kNow)}, "1"));
    f.Ask();
    CHECK(f.reader.TooLarge(kNow));
    CHECK(f.reader.Cut() == HistoryCut::kBytes);
  }
  SUBCASE("of time") {
    f.Ask();
    f.now += 29s;
    CHECK(f.Page({Entry(1, kNow)}, "1"));
    f.Ask();
    f.now += 1s;
    CHECK_FALSE(f.Page({Entry(2, kNow)}, "2"));
    CHECK(f.reader.Cut() == HistoryCut::kDuration);
  }
  SUBCASE("a cursor that was followed before") {
    f.Ask();
    CHECK(f.Page({Entry(1, kNow)}, "1"));
    f.Ask();
    CHECK_FALSE(f.Page({Entry(2, kNow)}, "1"));
    CHECK(f.reader.Cut() == HistoryCut::kCursor);
  }
  SUBCASE("a cursor that is too long") {
    f.Ask();
    CHECK_FALSE(f.Page({Entry(1, kNow)}, std::string(5000, 'c')));
    CHECK(f.reader.Cut() == HistoryCut::kCursor);
  }
  CHECK(f.reader.Published()->truncated);
  f.Round({Entry(9, kNow)});
  CHECK_FALSE(f.reader.Published()->truncated);
  CHECK_FALSE(f.reader.Cut());
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
  CHECK(f.Counted() == 1);  // began when the clock of the service says so
  f.service_now += 1min;
  f.Round({Entry(6, kNow + 10s)});
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

TEST_CASE("a request that fails begins the round anew, and loses nothing") {
  Fixture f;
  f.Round({Entry(1, kNow - 1h)});
  f.Ask();
  CHECK(f.Page({Entry(2, kNow), Entry(3, kNow - 20min)}, "1"));
  CHECK(f.Counted() == 2);  // as soon as they are seen
  f.reader.Abandon();
  auto asked = f.Ask();
  CHECK_FALSE(asked.contains("cursor"));
  CHECK(asked["start_date"] == "2024-10-04T10:45:00Z");
  CHECK_FALSE(f.Page({Entry(2, kNow), Entry(3, kNow - 20min), Entry(4, kNow - 50min)}));
  CHECK(f.Counted() == 3);
}

TEST_CASE("a round that was interrupted for long begins anew") {
  Fixture f;
  f.Ask();
  CHECK(f.Page({Entry(1, kNow)}, "1"));
  f.now += 301s;
  CHECK_FALSE(f.Ask().contains("cursor"));
}

TEST_CASE("a list that goes on into what is of no interest is left") {
  Fixture f;
  f.Round({Entry(1, kNow)});
  f.Ask();
  CHECK(f.Page({Entry(2, kNow), Entry(3, kNow - 1h)}, "1"));  // one is out of order
  f.Ask();
  CHECK_FALSE(f.Page({Entry(4, kNow - 1h), Entry(5, kNow - 2h)}, "2"));
  CHECK_FALSE(f.reader.Published()->truncated);
  CHECK(f.Counted() == 1);
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
    f.Round(
        {Entry(2, {}), Entry(static_cast<std::uint64_t>(100 + hour), f.service_now), Entry(4, {})});
  }
  CHECK(f.Counted() == 3 + 12);
}

TEST_CASE("known scans are bounded: the oldest go, and are not counted when they come again") {
  Fixture f;
  f.bounds = {.page_size = 9999, .max_pages = 1000, .max_bytes = std::size_t{1} << 30};
  f.Round({Entry(1, kNow - 10min)});
  f.service_now = kNow + 1h;
  std::vector<ScanEntry> many;
  const std::uint64_t count = ScanLedger::kMaxKnown + 1000;
  for (std::uint64_t i = 0; i < count; ++i) {
    many.push_back(Entry(1000 + i, kNow + 1h - i * 1ms));
  }
  f.Ask();
  CHECK_FALSE(f.Page(many, "more"));
  CHECK(f.reader.Cut() == HistoryCut::kMemory);
  CHECK(f.Counted() == count);
  CHECK(f.Ask()["start_date"] == "2024-10-04T12:59:10Z");  // the last one that stays
  CHECK_FALSE(f.Page(many));
  CHECK(f.Counted() == count);
}

TEST_CASE("another account is not compared with the one before, and what was counted stays") {
  Fixture f;
  f.Round({Entry(1, kNow - 1min)});
  f.Round({Entry(2, kNow)});
  f.reader.ForgetAccount();
  CHECK(f.Counted() == 1);
  CHECK_FALSE(f.Ask().contains("start_date"));
  CHECK_FALSE(f.Page({Entry(7, kNow), Entry(8, kNow - 1min)}));
  CHECK(f.Counted() == 1);
  f.Round({Entry(9, kNow)});
  CHECK(f.Counted() == 2);
}
