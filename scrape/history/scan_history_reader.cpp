#include "scrape/history/scan_history_reader.h"

#include <fmt/chrono.h>

#include <algorithm>
#include <functional>
#include <utility>

namespace scrape {
namespace {

// A cursor is a part of the next request's first line.
constexpr std::size_t kLongestCursor = 4096;
// Less is not asked for: an answer that refuses the request would not fit.
constexpr std::size_t kLeastPage = std::size_t{64} << 10;
// A round that was interrupted for so many times its max_duration begins anew: cursors do not live
// for ever.
constexpr int kStaleAfter = 10;

std::string StartDate(SystemTime since) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}Z", std::chrono::floor<std::chrono::seconds>(since));
}

}  // namespace

ScanHistoryReader::Request ScanHistoryReader::Next(const HistoryBounds& bounds, SteadyTime now) {
  if (pages_ > 0 && now - began_ > kStaleAfter * bounds.max_duration) Abandon();
  if (pages_ == 0) {
    began_ = now;
    ledger_.BeginRound();
  }
  Request request;
  request.query.emplace_back("limit", std::to_string(bounds.page_size));
  if (const auto since = ledger_.Since()) {
    request.query.emplace_back("start_date", StartDate(*since));
  }
  asked_ = true;
  if (!cursor_.empty()) request.query.emplace_back("cursor", cursor_);
  request.max_bytes = bounds.max_bytes - std::min(bytes_, bounds.max_bytes);
  return request;
}

bool ScanHistoryReader::Take(const ScanHistoryPage& page, const Arrival& arrival,
                             const HistoryBounds& bounds) {
  if (!std::exchange(asked_, false)) return false;
  ++pages_;
  bytes_ += arrival.bytes;
  took_ += arrival.took;
  ledger_.Take(page, arrival.service_now);
  const bool last = page.next_cursor.empty() && !page.unusable_cursor;
  if (last || ledger_.IsPast()) {
    End(std::nullopt, arrival.service_now);
    return false;
  }
  if (const auto cut = CutAt(page, bounds)) {
    End(cut, arrival.service_now);
    return false;
  }
  cursor_ = page.next_cursor;
  if (published_ != nullptr) Publish();
  return true;
}

std::optional<HistoryCut> ScanHistoryReader::CutAt(const ScanHistoryPage& page,
                                                   const HistoryBounds& bounds) {
  if (pages_ >= bounds.max_pages) return HistoryCut::kPages;
  if (bytes_ + kLeastPage > bounds.max_bytes) return HistoryCut::kBytes;
  if (took_ >= bounds.max_duration) return HistoryCut::kDuration;
  if (ledger_.IsFull()) return HistoryCut::kMemory;
  const bool good = !page.unusable_cursor && page.next_cursor.size() <= kLongestCursor &&
                    cursors_.insert(std::hash<std::string>()(page.next_cursor)).second;
  return good ? std::nullopt : std::optional(HistoryCut::kCursor);
}

bool ScanHistoryReader::TooLarge(SystemTime service_now) {
  if (pages_ == 0 || !asked_) return false;
  End(HistoryCut::kBytes, service_now);
  return true;
}

void ScanHistoryReader::End(std::optional<HistoryCut> cut, SystemTime service_now) {
  Abandon();
  const bool overflowed = ledger_.EndRound(cut.has_value(), service_now);
  cut_ = overflowed && !cut ? HistoryCut::kMemory : cut;
  Publish();
}

void ScanHistoryReader::Abandon() {
  asked_ = false;
  pages_ = 0;
  bytes_ = 0;
  took_ = {};
  cursor_.clear();
  cursors_.clear();
}

void ScanHistoryReader::ForgetAccount() {
  Abandon();
  cut_.reset();
  ledger_.ForgetAccount();
}

void ScanHistoryReader::Publish() {
  published_ = std::make_shared<const ScanHistory>(ScanHistory{.totals = ledger_.Totals(),
                                                               .in_progress = ledger_.InProgress(),
                                                               .last_scan = ledger_.LastScan(),
                                                               .truncated = cut_.has_value()});
}

}  // namespace scrape
