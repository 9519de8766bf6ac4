#include "scrape/history/scan_ledger.h"

#include <algorithm>

namespace scrape {
namespace {

using std::chrono::milliseconds;

// A time that is later than this is no clock that goes wrong, but nonsense.
constexpr std::chrono::hours kBelievedSkew{24};

}  // namespace

void ScanLedger::BeginRound() {
  if (!noted_) known_.clear();
  ++round_;
  any_dated_ = any_undated_ = overflowed_ = false;
  newest_of_page_.reset();
  before_.reset();
}

void ScanLedger::Take(const ScanHistoryPage& page, SystemTime service_now) {
  newest_of_page_.reset();
  for (const ScanEntry& entry : page.entries) Take(entry, service_now);
}

void ScanLedger::Take(const ScanEntry& entry, SystemTime service_now) {
  const bool dated = entry.start && *entry.start <= service_now + kBelievedSkew;
  const SystemTime began = dated ? *entry.start : before_.value_or(service_now);
  if (dated) {
    any_dated_ = true;
    before_ = began;
    const SystemTime not_after_now = std::min(began, service_now);
    newest_ = std::max(newest_.value_or(not_after_now), not_after_now);
    newest_of_page_ = std::max(newest_of_page_.value_or(not_after_now), not_after_now);
    last_scan_ = std::max(last_scan_.value_or(began), began);
  } else {
    any_undated_ = true;
  }
  const auto found = known_.find(entry.id);
  if (found == known_.end()) {
    if (noted_ && began < floor_) return;
    if (IsFull()) {
      overflowed_ = true;
      return;
    }
    known_.emplace(entry.id, Known{.began = began,
                                   .seen = service_now,
                                   .round = round_,
                                   .dated = dated,
                                   .in_progress = !entry.finished});
    if (entry.finished && noted_) Count(entry);
    return;
  }
  Known& known = found->second;
  known.round = round_;
  known.seen = std::max(known.seen, service_now);
  if (dated) known.began = began;  // it stays undated: it may be listed without a time again
  if (!entry.finished || !known.in_progress) return;
  known.in_progress = false;
  if (noted_) Count(entry);
}

void ScanLedger::Count(const ScanEntry& entry) {
  ++totals_.results[entry.result];
  if (entry.dlp) ++totals_.dlp[*entry.dlp];
  if (entry.sandbox) ++totals_.sandbox[*entry.sandbox];
  if (entry.sanitization) ++totals_.sanitizations[*entry.sanitization];
  if (entry.vulnerability) ++totals_.vulnerabilities[*entry.vulnerability];
  totals_.blocked += entry.blocked ? 1 : 0;
  totals_.engine_detections += entry.engine_detections;
  totals_.engines += entry.engines;
}

bool ScanLedger::EndRound(bool cut_short, SystemTime service_now) {
  cut_short = cut_short || overflowed_;
  if (!noted_) {
    noted_ = SetFirstFloor(cut_short, service_now);
  } else if (any_dated_) {
    floor_ = std::max(floor_, *newest_ - kOverlap);
  } else if (any_undated_) {
    floor_ = std::max(floor_, service_now - kOverlap);
  }
  in_progress_ =
      static_cast<std::size_t>(std::count_if(known_.begin(), known_.end(), [&](const auto& known) {
        return known.second.in_progress && (cut_short || known.second.round == round_);
      }));
  if (noted_) ForgetOld(service_now);
  return overflowed_;
}

bool ScanLedger::SetFirstFloor(bool cut_short, SystemTime service_now) {
  if (!cut_short) {
    floor_ = newest_.value_or(service_now) - kOverlap;
    return true;
  }
  // What was not reached was there before, and is older than all that was: unless nothing tells
  // when that began.
  if (!last_scan_) return false;
  floor_ = *last_scan_ + milliseconds(1);
  return true;
}

void ScanLedger::ForgetOld(SystemTime service_now) {
  std::erase_if(known_, [&](const auto& item) {
    const Known& known = item.second;
    const bool long_gone = known.seen < service_now - kGiveUpAfter;
    if (known.in_progress) return known.began < floor_ - kGiveUpAfter || long_gone;
    return known.began < floor_ && (known.dated || long_gone);
  });
}

void ScanLedger::ForgetAccount() {
  known_.clear();
  noted_ = false;
  newest_.reset();
  in_progress_ = 0;
  last_scan_.reset();
}

std::optional<SystemTime> ScanLedger::Since() const {
  if (!noted_) return std::nullopt;
  SystemTime since = floor_;
  for (const auto& [id, known] : known_) {
    // Of one that waits for its start, that may turn out to be earlier.
    if (known.in_progress) since = std::min(since, known.began - kOverlap);
  }
  return since;
}

bool ScanLedger::IsPast() const {
  if (!newest_of_page_) return false;
  if (const auto since = Since()) return *newest_of_page_ < *since;
  return *newest_of_page_ < *newest_ - kOverlap;
}

}  // namespace scrape
