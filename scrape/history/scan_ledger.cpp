#include "scrape/history/scan_ledger.h"

#include <algorithm>
#include <vector>

namespace scrape {
namespace {

using std::chrono::milliseconds;

// A time that is later than this is no clock that goes wrong, but nonsense.
constexpr std::chrono::hours kBelievedSkew{24};

}  // namespace

void ScanLedger::BeginRound() {
  ++round_;
  newest_of_page_.reset();
  before_.reset();
}

void ScanLedger::Take(const ScanHistoryPage& page, SystemTime service_now) {
  newest_of_page_.reset();
  for (const ScanEntry& entry : page.entries) Take(entry, service_now);
}

void ScanLedger::Take(const ScanEntry& entry, SystemTime service_now) {
  // One without a time began when its neighbour did.
  const SystemTime began =
      std::min(entry.start ? *entry.start : before_.value_or(service_now), service_now);
  if (entry.start) {
    before_ = began;
    newest_ = std::max(newest_.value_or(began), began);
    newest_of_page_ = std::max(newest_of_page_.value_or(began), began);
    if (*entry.start <= service_now + kBelievedSkew) {
      last_scan_ = std::max(last_scan_.value_or(*entry.start), *entry.start);
    }
  }
  const auto found = known_.find(entry.id);
  if (found == known_.end()) {
    if (noted_ && began < floor_) return;
    known_.emplace(entry.id,
                   Known{.began = began, .round = round_, .in_progress = !entry.finished});
    if (entry.finished && noted_) Count(entry);
    return;
  }
  found->second.round = round_;
  if (!entry.finished || !found->second.in_progress) return;
  found->second.in_progress = false;
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

void ScanLedger::EndRound(bool cut_short, SystemTime service_now) {
  const SystemTime behind = newest_.value_or(service_now) - kOverlap;
  if (noted_) {
    if (newest_) floor_ = std::max(floor_, behind);
  } else if (cut_short && newest_) {
    // What the first round did not reach is older than it is, and was there before it.
    floor_ = *newest_ + milliseconds(1);
  } else {
    floor_ = behind;
  }
  noted_ = true;
  in_progress_ =
      static_cast<std::size_t>(std::count_if(known_.begin(), known_.end(), [&](const auto& known) {
        return known.second.in_progress && (cut_short || known.second.round == round_);
      }));
  ForgetOld();
  if (known_.size() > kMaxKnown) MakeRoom();
}

// What was seen in this round may come again in the next one, whatever its time.
void ScanLedger::ForgetOld() {
  const SystemTime given_up = floor_ - kGiveUpAfter;
  std::erase_if(known_, [&](const auto& item) {
    const Known& known = item.second;
    if (known.in_progress) return known.began < given_up;
    return known.began < floor_ && known.round != round_;
  });
}

// The older ones go, and with them the time in which unknown scans are counted.
void ScanLedger::MakeRoom() {
  std::vector<SystemTime> times;
  times.reserve(known_.size());
  for (const auto& [id, known] : known_) times.push_back(known.began);
  const auto last_to_go = times.begin() + static_cast<std::ptrdiff_t>(times.size() - kMaxKnown - 1);
  std::nth_element(times.begin(), last_to_go, times.end());
  const SystemTime new_floor = *last_to_go + milliseconds(1);
  floor_ = std::max(floor_, new_floor);
  std::erase_if(known_, [&](const auto& item) { return item.second.began < new_floor; });
}

void ScanLedger::ForgetAccount() {
  known_.clear();
  noted_ = false;
  newest_.reset();
  newest_of_page_.reset();
  before_.reset();
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
