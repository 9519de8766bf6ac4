#pragma once
// What a page of GET /apikey/scan-history carries, decoded: plain data, any thread. Of a scan, only
// what is counted is kept, and nothing that tells which file it was: `data_id` becomes a number.
//
// The sets below are the values of labels; the last one of each is what stands for all that is not
// in it. Verdicts are indexes into them.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scrape/api/quota.h"

namespace scrape {

// By `scan_all_result_i`, 0 to 23.
inline constexpr auto kScanResults = std::to_array<std::string_view>({
    "no_threat",
    "infected",
    "suspicious",
    "failed",
    "cleaned_deleted",
    "unknown",
    "quarantined",
    "skipped_clean",
    "skipped_infected",
    "archive_depth_exceeded",
    "not_scanned",
    "aborted",
    "encrypted",
    "archive_too_large",
    "too_many_files_in_archive",
    "password_protected_document",
    "archive_timeout",
    "file_type_mismatch",
    "potentially_vulnerable",
    "cancelled",
    "sensitive_data",
    "yara_match",
    "potentially_unwanted",
    "file_type_not_supported",
    "other",
});
// By `dlp_info.verdict`, 0 to 4.
inline constexpr auto kDlpVerdicts = std::to_array<std::string_view>(
    {"clean", "found", "suspicious", "failed", "not_scanned", "other"});
inline constexpr auto kSandboxVerdicts =
    std::to_array<std::string_view>({"malicious", "likely_malicious", "suspicious", "unknown",
                                     "informational", "no_threat", "benign", "other"});
inline constexpr auto kSanitizationResults =
    std::to_array<std::string_view>({"allowed", "error", "infected", "unknown", "other"});
inline constexpr auto kVulnerabilitySeverities =
    std::to_array<std::string_view>({"low", "moderate", "important", "critical", "other"});

struct ScanEntry {
  std::uint64_t id = 0;             // equal for equal `data_id`
  std::optional<SystemTime> start;  // by the service's clock
  bool finished = false;
  bool blocked = false;
  std::size_t result = kScanResults.size() - 1;
  // Absent: the service says nothing of it.
  std::optional<std::size_t> dlp;
  std::optional<std::size_t> sandbox;
  std::optional<std::size_t> sanitization;
  std::optional<std::size_t> vulnerability;
  std::uint32_t engine_detections = 0;
  std::uint32_t engines = 0;
};

struct ScanHistoryPage {
  std::vector<ScanEntry> entries;  // in the order of the answer; without those that have no data_id
  std::string next_cursor;         // empty: this was the last page
  bool unusable_cursor = false;    // there is more, but nothing that leads there
};

}  // namespace scrape
