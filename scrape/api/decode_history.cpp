// One page of /apikey/scan-history. Every part of an entry but its data_id is optional; what
// cannot be read is absent, or `other` where the service says something that is in no list.

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "scrape/api/classify.h"
#include "scrape/api/dates.h"
#include "scrape/api/decode.h"

namespace scrape {
namespace {

constexpr std::array<std::string_view, 1> kMembers = {"data"};
constexpr int kNoEntriesFound = 404002;
constexpr double kInQueue = 254;
constexpr double kInProgress = 255;
constexpr double kComplete = 100;  // percent
// The service has some 40 engines; what is beyond this is no number of engines.
constexpr double kMostEngines = 10'000;

using Names = std::span<const std::string_view>;

std::size_t Other(Names names) { return names.size() - 1; }

// "Likely malicious", "LIKELY_MALICIOUS" and "likely-malicious" are likely_malicious.
std::string AsLabel(std::string_view text) {
  std::string label;
  label.reserve(text.size());
  for (const char c : text) {
    const bool upper = c >= 'A' && c <= 'Z';
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (upper || plain) {
      label += upper ? static_cast<char>(c - 'A' + 'a') : c;
    } else if (!label.empty() && label.back() != '_') {
      label += '_';
    }
  }
  if (label.ends_with('_')) label.pop_back();
  return label;
}

std::size_t ByName(std::string_view text, Names names) {
  constexpr std::size_t kLongestName = 64;
  if (text.size() > kLongestName) return Other(names);
  std::string label = AsLabel(text);
  if (label == "found_matched_data") label = "found";  // the vendor's words for DLP's 1
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == label) return i;
  }
  return Other(names);
}

// An index of one that has a number.
std::size_t ByNumber(double number, Names names) {
  const bool known =
      number >= 0 && number < static_cast<double>(Other(names)) && number == std::floor(number);
  return known ? static_cast<std::size_t>(number) : Other(names);
}

// Absent where nothing is said: no member, null, an empty text.
std::optional<std::size_t> Named(const JsonObject& object, std::string_view member, Names names) {
  if (!object.Has(member)) return std::nullopt;
  const std::optional<std::string_view> text = object.FindString(member);
  if (!text) return Other(names);  // a number: no list says which one means what
  if (text->empty()) return std::nullopt;
  return ByName(*text, names);
}

// A number of the list, as number or text, or its name.
std::optional<std::size_t> Numbered(const JsonObject& object, std::string_view member,
                                    Names names) {
  const std::optional<double> number = object.FindNumber(member);
  return number ? ByNumber(*number, names) : Named(object, member, names);
}

std::optional<std::size_t> In(const JsonObject& entry, std::string_view part,
                              std::string_view member, Names names) {
  const std::optional<JsonObject> object = entry.FindObject(part);
  return object ? Named(*object, member, names) : std::nullopt;
}

std::uint32_t Engines(const JsonObject& results, std::string_view member) {
  const double number = results.FindNumber(member).value_or(0);
  const bool good = number >= 0 && number <= kMostEngines && number == std::floor(number);
  return good ? static_cast<std::uint32_t>(number) : 0;
}

bool IsBlocked(const JsonObject& entry) {
  if (entry.FindBool("blocked").value_or(false)) return true;
  const std::optional<JsonObject> sandbox = entry.FindObject("sandbox");
  return sandbox && sandbox->FindBool("blocked").value_or(false);
}

// Whose progress is told is finished when that is complete, whatever the code says; the others when
// they have a code that is a result.
bool IsFinished(const JsonObject& entry, std::optional<double> code) {
  const std::optional<JsonObject> process = entry.FindObject("process_info");
  const std::optional<double> progress =
      process ? process->FindNumber("progress_percentage") : std::nullopt;
  if (progress) return *progress >= kComplete;
  return code && *code != kInQueue && *code != kInProgress;
}

// ISO 8601 is documented; a number is Unix time. The epoch is the word for "never".
std::optional<SystemTime> StartOf(const JsonObject& results) {
  constexpr double kLeastMilliseconds = 1e11;  // as seconds: the year 5138
  std::optional<SystemTime> start = ParseDate(results.FindString("start_time").value_or(""));
  const std::optional<double> number = results.FindNumber("start_time");
  if (!start && number && *number >= 1e9 && *number < 1e14) {
    const double milliseconds = *number >= kLeastMilliseconds ? *number : *number * 1000;
    start = SystemTime(std::chrono::milliseconds(static_cast<std::int64_t>(milliseconds)));
  }
  return start && *start > SystemTime{} ? start : std::nullopt;
}

ScanEntry DecodeEntry(const JsonObject& object, std::string_view data_id) {
  ScanEntry entry;
  entry.id = std::hash<std::string_view>()(data_id);
  std::optional<double> code;
  if (const std::optional<JsonObject> results = object.FindObject("scan_results")) {
    code = results->FindNumber("scan_all_result_i");
    entry.start = StartOf(*results);
    entry.engine_detections = Engines(*results, "total_detected_avs");
    entry.engines = Engines(*results, "total_avs");
  }
  if (code) entry.result = ByNumber(*code, kScanResults);
  entry.finished = IsFinished(object, code);
  entry.blocked = IsBlocked(object);
  if (const std::optional<JsonObject> dlp = object.FindObject("dlp_info")) {
    entry.dlp = Numbered(*dlp, "verdict", kDlpVerdicts);
  }
  entry.sandbox = In(object, "sandbox", "verdict", kSandboxVerdicts);
  entry.sanitization = In(object, "sanitized", "result", kSanitizationResults);
  entry.vulnerability = In(object, "vulnerability", "severity", kVulnerabilitySeverities);
  return entry;
}

void TakeCursor(const JsonObject& last, ScanHistoryPage& page) {
  constexpr const char* kName = "nextCursor";
  if (!last.Has(kName)) return;
  const std::optional<double> number = last.FindNumber(kName);
  if (const auto text = last.FindString(kName)) {
    page.next_cursor = *text;
  } else if (number && *number == std::floor(*number)) {
    page.next_cursor = fmt::format("{:.0f}", *number);
  } else {
    page.unusable_cursor = true;
  }
}

}  // namespace

tl::expected<ScanHistoryPage, ScrapeError> DecodeHistory(const HttpAnswer& answer) {
  const tl::expected<JsonDocument, ScrapeError> document = ReadAnswer(answer, kMembers);
  if (!document) {
    if (document.error().api_code == kNoEntriesFound) return ScanHistoryPage{};
    return tl::unexpected(document.error());
  }
  const JsonObject root = *document->Root();
  if (root.Has("data") && !root.FindArraySize("data")) {
    return tl::unexpected(ScrapeError{
        .reason = Reason::kSchema, .http_status = answer.status, .detail = "data is not an array"});
  }
  const std::vector<JsonObject> objects = root.FindObjects("data");
  ScanHistoryPage page;
  page.entries.reserve(objects.size());
  for (const JsonObject& object : objects) {
    const std::string_view data_id = object.FindString("data_id").value_or("");
    if (!data_id.empty()) page.entries.push_back(DecodeEntry(object, data_id));
  }
  if (!objects.empty()) TakeCursor(objects.back(), page);
  return page;
}

}  // namespace scrape
