// Pages, bounds and cursors of a round.

#include "scrape/history/scan_history_reader.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "history_fixture.h"

using namespace std::chrono_literals;
using scrape::HistoryCut;
using scrape::ScanEntry;
using test::Entry;
using test::kNow;
using Fixture = test::HistoryFixture;

TEST_CASE("requests state a limit, where the history of interest begins, and the cursor") {
  Fixture f;
  CHECK(f.Ask() == std::map<std::string, std::string>{{"limit", "2"}});
  CHECK(f.Page({Entry(1, kNow), Entry(2, kNow - 1min)}, "next /&"));
  CHECK(f.Ask() == std::map<std::string, std::string>{{"limit", "2"}, {"cursor", "next /&"}});
  CHECK_FALSE(f.Page({Entry(3, kNow - 5min)}));
  CHECK(f.Ask() ==
        std::map<std::string, std::string>{{"limit", "2"}, {"start_date", "2024-10-04T11:45:00Z"}});
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
  SUBCASE("of time that requests took, not waiting between them") {
    f.took = 29s;
    f.Ask();
    CHECK(f.Page({Entry(1, kNow)}, "1"));
    f.now += 60s;
    f.took = 1s;
    f.Ask();
    CHECK_FALSE(f.Page({Entry(2, kNow)}, "2"));
    CHECK(f.reader.Cut() == HistoryCut::kDuration);
    f.took = 0s;
  }
  SUBCASE("of bytes, when too little is left for an answer that refuses") {
    f.Ask();
    CHECK_FALSE(f.Page({Entry(1, kNow)}, "1", (8 << 20) - 1000));
    CHECK(f.reader.Cut() == HistoryCut::kBytes);
  }
  SUBCASE("a cursor that leads nowhere") {
    f.Ask();
    CHECK_FALSE(
        f.reader.Take({.entries = {}, .next_cursor = "", .unusable_cursor = true}, {}, f.bounds));
    CHECK(f.reader.Cut() == HistoryCut::kCursor);
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
