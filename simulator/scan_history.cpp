#include "simulator/scan_history.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <functional>
#include <iterator>
#include <vector>

#include "http/query.h"
#include "simulator/bodies.h"
#include "simulator/json_writer.h"

namespace simulator {
namespace {

using std::chrono::milliseconds;

constexpr int kInProgress = 255;
constexpr int kMostPerPage = 9999;

// What a scan may come to, most of them often enough for every one to be seen in a day.
constexpr auto kSandboxVerdicts =
    std::to_array<std::string_view>({"MALICIOUS", "LIKELY_MALICIOUS", "SUSPICIOUS", "UNKNOWN",
                                     "INFORMATIONAL", "NO_THREAT", "BENIGN", "High Risk"});
constexpr auto kSanitized =
    std::to_array<std::string_view>({"Allowed", "Error", "Infected", "unknown", "Skipped"});
constexpr auto kSeverities =
    std::to_array<std::string_view>({"LOW", "MODERATE", "IMPORTANT", "CRITICAL"});

// Needs encoding in a URL.
std::string CursorAfter(SystemTime place, const std::string& data_id) {
  return fmt::format("{}/{}==&+ %", place.time_since_epoch().count(), data_id);
}

std::optional<int> ToNumber(const std::string& text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// "2024-05-27T08:38:52Z"
std::optional<SystemTime> ToTime(const std::string& text) {
  std::array<int, 6> parts{};
  std::size_t at = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::size_t digits = i == 0 ? 4 : 2;
    if (text.size() < at + digits + 1) return std::nullopt;
    parts.at(i) = ToNumber(text.substr(at, digits)).value_or(0);
    at += digits + 1;
  }
  if (text.size() != at || text.back() != 'Z') return std::nullopt;
  const auto day = std::chrono::year(parts[0]) /
                   std::chrono::month(static_cast<unsigned>(parts[1])) /
                   std::chrono::day(static_cast<unsigned>(parts[2]));
  return std::chrono::sys_days(day) + std::chrono::hours(parts[3]) +
         std::chrono::minutes(parts[4]) + std::chrono::seconds(parts[5]);
}

void PutNumber(Writer& writer, std::string_view name, int number, bool as_text) {
  if (as_text) {
    Member(writer, name, std::to_string(number));
  } else {
    Member(writer, name, number);
  }
}

void PutWord(Writer& writer, std::string_view object, std::string_view name,
             const std::string& word) {
  if (word.empty()) return;
  String(writer, object);
  writer.StartObject();
  Member(writer, name, word);
  writer.EndObject();
}

struct EntryForm {
  bool finished = false;
  bool numbers_as_text = false;
  bool undated = false;
  std::string next_cursor;  // empty: none
};

void PutEntry(Writer& writer, const Scan& scan, const EntryForm& form) {
  writer.StartObject();
  Member(writer, "data_id", scan.data_id);
  if (!scan.without_progress) {
    String(writer, "process_info");
    writer.StartObject();
    PutNumber(writer, "progress_percentage", form.finished ? 100 : 40, form.numbers_as_text);
    writer.EndObject();
  }
  String(writer, "file_info");
  writer.StartObject();
  Member(writer, "display_name", "report-of-a-simulated-user.pdf");
  Member(writer, "sha256", std::string(64, 'A'));
  writer.EndObject();
  if (!scan.without_results) {
    String(writer, "scan_results");
    writer.StartObject();
    PutNumber(writer, "scan_all_result_i", form.finished ? scan.code : kInProgress,
              form.numbers_as_text);
    if (!form.undated) Member(writer, "start_time", IsoDate(scan.start));
    Member(writer, "total_avs", form.finished ? scan.engines : 0);
    Member(writer, "total_detected_avs", form.finished ? scan.detections : 0);
    writer.EndObject();
  }
  if (form.finished) {
    if (scan.dlp) {
      String(writer, "dlp_info");
      writer.StartObject();
      PutNumber(writer, "verdict", *scan.dlp, form.numbers_as_text);
      writer.EndObject();
    }
    PutWord(writer, "sandbox", "verdict", scan.sandbox);
    PutWord(writer, "sanitized", "result", scan.sanitized);
    PutWord(writer, "vulnerability", "severity", scan.severity);
    if (scan.blocked) Flag(writer, "blocked", true);
  }
  if (!form.next_cursor.empty()) Member(writer, "nextCursor", form.next_cursor);
  writer.EndObject();
}

}  // namespace

ScanHistory::ScanHistory(const ScanScript& script, SystemTime now)
    : script_(script), random_(script.seed) {
  if (script_.per_hour > 0) next_ = now - script_.past;
  if (next_ && script_.lasts.count() > 0) end_ = *next_ + script_.lasts;
  Advance(now);
}

double ScanHistory::Chance() {
  constexpr double kBound = 9007199254740992;  // 2^53
  return static_cast<double>(random_() >> 11) / kBound;
}

milliseconds ScanHistory::UpTo(milliseconds most) {
  return milliseconds(static_cast<milliseconds::rep>(Chance() * static_cast<double>(most.count())));
}

Scan ScanHistory::Random(SystemTime start) {
  Scan scan;
  scan.start = start;
  scan.listed = start + UpTo(script_.disorder);
  scan.finished = Chance() < script_.stuck ? SystemTime::max() : start + UpTo(script_.takes);
  scan.code = Chance() < 0.94 ? 0 : Below(24);
  if (Chance() < 0.02) scan.code = 1;
  scan.engines = 20 + Below(18);
  scan.detections = scan.code == 1 ? 1 + Below(scan.engines) : 0;
  scan.blocked = scan.code == 1 || Chance() < 0.01;
  if (Chance() < 0.5) scan.dlp = Below(5);
  if (Chance() < 0.2) scan.sandbox = kSandboxVerdicts.at(static_cast<std::size_t>(Below(8)));
  if (Chance() < 0.3) scan.sanitized = kSanitized.at(static_cast<std::size_t>(Below(5)));
  if (Chance() < 0.1) scan.severity = kSeverities.at(static_cast<std::size_t>(Below(4)));
  if (script_.sparse) {
    scan.without_progress = Chance() < 0.3;
    scan.without_results = !scan.without_progress && Chance() < 0.1;
  }
  return scan;
}

void ScanHistory::Advance(SystemTime now) {
  while (next_ && *next_ <= now && (!end_ || *next_ < *end_)) {
    Add(Random(*next_));
    const double hours = -std::log(1 - Chance()) / script_.per_hour;
    *next_ += milliseconds(1 + static_cast<milliseconds::rep>(hours * 3'600'000));
  }
}

void ScanHistory::Add(Scan scan) {
  if (scan.data_id.empty()) scan.data_id = fmt::format("bzI0{:016x}", random_());
  const SystemTime place = scan.start - UpTo(script_.disorder);
  const Place at{place, scan.data_id};
  scans_.insert_or_assign(at, std::move(scan));
}

// The first one that was not on the page with this cursor; some before it when pages repeat some.
ScanHistory::Scans::const_iterator ScanHistory::Find(std::string_view cursor) const {
  const std::size_t slash = cursor.find('/');
  const std::size_t end = cursor.find("==&+ %");
  if (slash == std::string_view::npos || end == std::string_view::npos) return scans_.end();
  milliseconds::rep place = 0;
  std::from_chars(cursor.data(), cursor.data() + slash, place);
  auto found = scans_.upper_bound(
      {SystemTime(milliseconds(place)), std::string(cursor.substr(slash + 1, end - slash - 1))});
  for (int i = 0; i < script_.repeated && found != scans_.begin(); ++i) --found;
  return found;
}

ScanHistory::Page ScanHistory::Answer(std::string_view query, SystemTime now) {
  Advance(now);
  std::map<std::string, std::string> given;
  for (auto& [name, value] : http::ReadQuery(query)) given.insert_or_assign(name, value);
  const int limit = given.contains("limit") ? ToNumber(given["limit"]).value_or(0) : kMostPerPage;
  if (limit < 1 || limit > kMostPerPage) {
    return {400, ErrorBody(400028, "limit must be a positive integer less than PAGINATION_LIMIT")};
  }
  std::optional<SystemTime> since;
  if (given.contains("start_date") && script_.heeds_start_date) {
    since = ToTime(given["start_date"]);
    if (!since) return {400, ErrorBody(400000, "start_date is not a date")};
  }
  auto at = scans_.cbegin();
  if (given.contains("cursor")) {
    at = Find(given["cursor"]);
    if (at == scans_.cend() && scans_.size() > 1 &&
        given["cursor"].find('/') == std::string::npos) {
      return {400, ErrorBody(400000, "cursor is not one of ours")};
    }
  }
  std::vector<Scans::const_iterator> listed;
  for (; at != scans_.cend() && listed.size() <= static_cast<std::size_t>(limit); ++at) {
    if (since && at->first.first < *since - script_.disorder) {
      at = scans_.cend();
      break;
    }
    if (at->second.listed <= now && (!since || at->second.start >= *since)) listed.push_back(at);
  }
  const bool more = listed.size() > static_cast<std::size_t>(limit);
  if (more) listed.pop_back();
  if (listed.empty() && script_.empty_is_404) return {404, ErrorBody(404002, "No entries found")};

  rapidjson::StringBuffer buffer;
  Writer writer(buffer);
  writer.StartObject();
  String(writer, "data");
  writer.StartArray();
  for (const auto& entry : listed) {
    EntryForm form{.finished = entry->second.finished <= now,
                   .numbers_as_text = script_.numbers_as_text,
                   .undated = script_.undated,
                   .next_cursor = {}};
    if (entry == listed.back() && (more || script_.cursor_at_end)) {
      form.next_cursor = CursorAfter(entry->first.first, entry->first.second);
    }
    PutEntry(writer, entry->second, form);
  }
  writer.EndArray();
  writer.EndObject();
  return {200, buffer.GetString()};
}

ScanTruth ScanHistory::Truth(SystemTime now) {
  Advance(now);
  ScanTruth truth;
  for (const auto& [place, scan] : scans_) {
    if (scan.listed > now) continue;
    if (!scan.without_results) truth.newest = std::max(truth.newest, scan.start);
    if (scan.finished > now) {
      ++truth.in_progress;
      continue;
    }
    ++truth.results[scan.without_results ? -1 : scan.code];
    if (scan.dlp) ++truth.dlp[*scan.dlp];
    if (!scan.sandbox.empty()) ++truth.sandbox[scan.sandbox];
    if (!scan.sanitized.empty()) ++truth.sanitized[scan.sanitized];
    if (!scan.severity.empty()) ++truth.severities[scan.severity];
    truth.blocked += scan.blocked ? 1 : 0;
    truth.engines += scan.without_results ? 0 : scan.engines;
    truth.detections += scan.without_results ? 0 : scan.detections;
  }
  return truth;
}

}  // namespace simulator
