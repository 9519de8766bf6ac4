#pragma once
// A reader of a scan history, page by page, without a service. One thread.

#include <doctest/doctest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "scrape/history/scan_history_reader.h"

namespace test {

using scrape::SystemTime;

inline constexpr SystemTime kNow{20'000 * std::chrono::hours(24) +
                                 std::chrono::hours(12)};  // 2024-10-04T12:00:00Z

inline scrape::ScanEntry Entry(std::uint64_t id, std::optional<SystemTime> start,
                               bool finished = true) {
  scrape::ScanEntry entry;
  entry.id = id;
  entry.start = start;
  entry.finished = finished;
  entry.result = 0;
  return entry;
}

struct HistoryFixture {
  scrape::HistoryBounds bounds = {.page_size = 2, .max_pages = 3};
  scrape::ScanHistoryReader reader;
  SystemTime service_now = kNow;
  scrape::SteadyTime now{std::chrono::seconds(1'000'000)};
  std::chrono::milliseconds took{0};

  std::map<std::string, std::string> Ask() {
    const auto request = reader.Next(bounds, now);
    return {request.query.begin(), request.query.end()};
  }

  // True: another page is to follow.
  bool Page(std::vector<scrape::ScanEntry> entries, std::string cursor = "",
            std::size_t bytes = 100) {
    return reader.Take({std::move(entries), std::move(cursor)},
                       {.bytes = bytes, .took = took, .service_now = service_now}, bounds);
  }

  // A round of one page.
  void Round(std::vector<scrape::ScanEntry> entries) {
    Ask();
    CHECK_FALSE(Page(std::move(entries)));
  }

  [[nodiscard]] std::uint64_t Counted() const { return reader.Published()->totals.results[0]; }
};

}  // namespace test
