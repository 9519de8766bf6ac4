#include "simulator/scan_history.h"

#include <doctest/doctest.h>

#include <string>

using namespace simulator;  // NOLINT(google-build-using-namespace): the room under test
using namespace std::chrono_literals;

namespace {

constexpr SystemTime kNow{20'000 * 24h};  // 2024-10-04T00:00:00Z

std::size_t Count(const std::string& text, const std::string& what) {
  std::size_t count = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) {
    ++count;
  }
  return count;
}

Scan ScanAt(std::chrono::milliseconds ago, const std::string& id) {
  Scan scan;
  scan.data_id = id;
  scan.start = scan.listed = kNow - ago;
  scan.finished = kNow - ago + 1min;
  return scan;
}

}  // namespace

TEST_CASE("pages are newest first, the last entry leads on, and the list ends") {
  ScanHistory history({}, kNow - 1h);
  history.Add(ScanAt(30min, "old"));
  history.Add(ScanAt(10min, "new"));
  history.Add(ScanAt(20min, "middle"));
  const std::string first = history.Answer("limit=2", kNow).body;
  CHECK(first.find("\"new\"") < first.find("\"middle\""));
  CHECK(first.find("\"old\"") == std::string::npos);
  CHECK(Count(first, "nextCursor") == 1);
  CHECK(first.find("nextCursor") > first.find("\"middle\""));
  const std::string second =
      history.Answer("limit=2&cursor=1727998800000%2Fmiddle%3D%3D%26%2B%20%25", kNow).body;
  CHECK(second.find("\"old\"") != std::string::npos);
  CHECK(Count(second, "data_id") == 1);
  CHECK(Count(second, "nextCursor") == 0);
  CHECK(Count(history.Answer("start_date=2024-10-03T23:35:00Z", kNow).body, "data_id") == 2);
  CHECK(history.Answer("start_date=2024-10-04T00:00:00Z", kNow).body == "{\"data\":[]}");
}

TEST_CASE("a scan is listed, in progress, finished") {
  ScanHistory history({}, kNow - 1h);
  Scan scan = ScanAt(0ms, "a");
  scan.listed = kNow + 10s;
  scan.code = 1;
  history.Add(scan);
  CHECK(history.Answer("limit=1", kNow).body.find("data_id") == std::string::npos);
  CHECK(history.Truth(kNow).in_progress == 0);
  CHECK(history.Answer("limit=1", kNow + 10s).body.find("\"progress_percentage\":40") !=
        std::string::npos);
  CHECK(history.Truth(kNow + 10s).in_progress == 1);
  CHECK(history.Answer("limit=1", kNow + 1min).body.find("\"scan_all_result_i\":1") !=
        std::string::npos);
  CHECK(history.Truth(kNow + 1min).results.at(1) == 1);
}

TEST_CASE("a bad limit is refused as the service does, an empty list as it may") {
  ScanHistory history({.empty_is_404 = true}, kNow);
  for (const char* query : {"limit=0", "limit=10000", "limit=-1", "limit=many"}) {
    CAPTURE(query);
    const ScanHistory::Page page = history.Answer(query, kNow);
    CHECK(page.status == 400);
    CHECK(page.body.find("400028") != std::string::npos);
  }
  CHECK(history.Answer("limit=9999", kNow).status == 404);
  CHECK(history.Answer("start_date=yesterday", kNow).status == 400);
}

TEST_CASE("the scans of a script are the same for the same seed, and end when they are told to") {
  const ScanScript script{.per_hour = 60, .past = 2h, .lasts = 1h, .seed = 7};
  ScanHistory one(script, kNow);
  ScanHistory other(script, kNow);
  CHECK(one.Answer("limit=9999", kNow).body == other.Answer("limit=9999", kNow).body);
  const std::size_t count = Count(one.Answer("limit=9999", kNow).body, "data_id");
  CHECK(count > 30);
  CHECK(count < 100);
  CHECK(Count(one.Answer("limit=9999", kNow + 5h).body, "data_id") == count);
}
