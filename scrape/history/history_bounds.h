#pragma once
// How much of a scan history is read in one round. Plain data, any thread.

#include <chrono>
#include <cstddef>

namespace scrape {

struct HistoryBounds {
  int page_size = 100;  // scans a page, the `limit` of a request
  int max_pages = 10;
  std::size_t max_bytes = std::size_t{8} << 20;                       // of all pages, decompressed
  std::chrono::milliseconds max_duration = std::chrono::seconds(30);  // no page is begun afterwards

  // clang-tidy 14 takes the default for a null pointer.
  friend bool operator==(const HistoryBounds&,
                         const HistoryBounds&) = default;  // NOLINT(modernize-use-nullptr)
};

}  // namespace scrape
