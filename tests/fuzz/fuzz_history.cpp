// A page of GET /apikey/scan-history, and what two rounds of a reader make of it.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "scrape/api/decode.h"
#include "scrape/client/query.h"
#include "scrape/history/scan_history_reader.h"
#include "tests/fuzz/answers.h"
#include "tests/fuzz/property.h"

namespace {

constexpr scrape::SystemTime kNow{std::chrono::hours(500'000)};
constexpr scrape::SteadyTime kSteadyNow{std::chrono::hours(1)};

template <typename Counts>
std::uint64_t Sum(const Counts& counts) {
  std::uint64_t sum = 0;
  for (const std::uint64_t count : counts) sum += count;
  return sum;
}

template <typename Names>
bool IsIn(const Names& names, const std::optional<std::size_t>& index) {
  return !index || *index < names.size();
}

void CheckEntry(const scrape::ScanEntry& entry) {
  fuzz::Expect(entry.result < scrape::kScanResults.size(), "a result of the list");
  fuzz::Expect(IsIn(scrape::kDlpVerdicts, entry.dlp), "a DLP verdict of the list");
  fuzz::Expect(IsIn(scrape::kSandboxVerdicts, entry.sandbox), "a sandbox verdict of the list");
  fuzz::Expect(IsIn(scrape::kSanitizationResults, entry.sanitization),
               "a sanitization of the list");
  fuzz::Expect(IsIn(scrape::kVulnerabilitySeverities, entry.vulnerability),
               "a severity of the list");
  fuzz::Expect(entry.engines <= 10'000 && entry.engine_detections <= 10'000, "so many engines");
  fuzz::Expect(!entry.start || *entry.start > scrape::SystemTime{}, "the epoch is no start");
}

// Takes the page, and an empty one if another is wanted.
void Round(scrape::ScanHistoryReader& reader, const scrape::ScanHistoryPage& page,
           scrape::SystemTime now) {
  const scrape::HistoryBounds bounds;
  const scrape::ScanHistoryReader::Arrival arrival{.bytes = 1, .took = {}, .service_now = now};
  static_cast<void>(reader.Next(bounds, kSteadyNow));
  if (!reader.Take(page, arrival, bounds)) return;
  const std::string url = scrape::WithQuery("/", reader.Next(bounds, kSteadyNow).query);
  for (const char c : url) fuzz::Expect(c > ' ' && c <= '~', "a URL is printable ASCII");
  fuzz::Expect(!reader.Take({}, arrival, bounds), "an empty page ends a round");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const scrape::HttpAnswer answer = fuzz::AnswerOf(fuzz::TextOf(data, size));
  const auto page = DecodeHistory(answer);
  if (!page) {
    fuzz::CheckError(answer, page.error());
    return 0;
  }
  for (const scrape::ScanEntry& entry : page->entries) CheckEntry(entry);

  scrape::ScanHistoryReader reader;
  Round(reader, {}, kNow);
  Round(reader, *page, kNow);
  const scrape::ScanTotals once = reader.Published()->totals;
  fuzz::Expect(Sum(once.results) <= page->entries.size(), "an entry is counted once");
  fuzz::Expect(once.blocked <= Sum(once.results), "only counted scans are blocked");
  fuzz::Expect(reader.Published()->in_progress <= page->entries.size(), "in progress: entries");
  // Whatever comes between: another round, an empty answer, time.
  Round(reader, *page, kNow);
  Round(reader, {}, kNow + std::chrono::minutes(20));
  Round(reader, *page, kNow + std::chrono::minutes(40));
  Round(reader, *page, kNow + std::chrono::hours(9));
  const scrape::ScanTotals later = reader.Published()->totals;
  fuzz::Expect(later.results == once.results && later.engines == once.engines,
               "the same page again counts nothing");
  return 0;
}
