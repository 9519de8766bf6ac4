#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <string_view>

#include "scrape/api/decode.h"

using scrape::DecodeHistory;
using scrape::HttpAnswer;
using scrape::Reason;
using scrape::ScanEntry;
using scrape::ScanHistoryPage;

namespace {

ScanHistoryPage PageOf(const std::string& entries) {
  const auto page = DecodeHistory({.status = 200, .body = "{\"data\":[" + entries + "]}"});
  REQUIRE(page);
  return *page;
}

ScanEntry EntryOf(const std::string& members) {
  const ScanHistoryPage page = PageOf("{\"data_id\":\"a\"" + members + "}");
  REQUIRE(page.entries.size() == 1);
  return page.entries[0];
}

template <typename Names>
std::string NameIn(const Names& names, std::optional<std::size_t> index) {
  return index ? std::string(names.at(*index)) : "absent";
}

std::string ResultOf(const std::string& results) {
  return std::string(scrape::kScanResults.at(EntryOf(",\"scan_results\":" + results).result));
}

std::string Dlp(const std::string& verdict) {
  return NameIn(scrape::kDlpVerdicts, EntryOf(",\"dlp_info\":{\"verdict\":" + verdict + "}").dlp);
}

std::string Sandbox(const std::string& verdict) {
  return NameIn(scrape::kSandboxVerdicts,
                EntryOf(",\"sandbox\":{\"verdict\":" + verdict + "}").sandbox);
}

std::string Sanitized(const std::string& result) {
  return NameIn(scrape::kSanitizationResults,
                EntryOf(",\"sanitized\":{\"result\":" + result + "}").sanitization);
}

std::string Severity(const std::string& severity) {
  return NameIn(scrape::kVulnerabilitySeverities,
                EntryOf(",\"vulnerability\":{\"severity\":" + severity + "}").vulnerability);
}

bool Finished(const std::string& members) { return EntryOf(members).finished; }

}  // namespace

TEST_CASE("the vendor's example of 2020") {
  const ScanHistoryPage page = PageOf(
      R"({"data_id":"bzIwMDUyN","file_info":{"display_name":"a.txt","sha1":"00"},
          "scan_results":{"scan_all_result_i":0,"start_time":"2020-05-27T08:38:52.383Z",
                          "total_avs":37,"total_detected_avs":2}},
         {"data_id":"bzIwMDUyM","scan_results":{"scan_all_result_i":1},
          "sanitized":{"data_id":"x","result":"Allowed","reason":""}})");
  REQUIRE(page.entries.size() == 2);
  CHECK(page.next_cursor.empty());
  CHECK(page.entries[0].id != page.entries[1].id);
  CHECK(page.entries[0].start == scrape::SystemTime(std::chrono::milliseconds(1590568732383)));
  CHECK(page.entries[0].finished);
  CHECK(page.entries[0].engines == 37);
  CHECK(page.entries[0].engine_detections == 2);
  CHECK_FALSE(page.entries[0].sanitization);
  CHECK_FALSE(page.entries[1].start);
  CHECK(NameIn(scrape::kSanitizationResults, page.entries[1].sanitization) == "allowed");
}

TEST_CASE("results are numbers or texts; what is in no list is other") {
  CHECK(ResultOf(R"({"scan_all_result_i":0})") == "no_threat");
  CHECK(ResultOf(R"({"scan_all_result_i":"1"})") == "infected");
  CHECK(ResultOf(R"({"scan_all_result_i":4})") == "cleaned_deleted");
  CHECK(ResultOf(R"({"scan_all_result_i":23})") == "file_type_not_supported");
  for (const char* other :
       {"24", "-1", "1.5", "253", "254", "255", "1e15", "null", "\"\"", "true", "[1]", "{}"}) {
    CAPTURE(other);
    CHECK(ResultOf("{\"scan_all_result_i\":" + std::string(other) + "}") == "other");
  }
  CHECK(ResultOf("{}") == "other");
  CHECK(ResultOf("[]") == "other");
}

TEST_CASE("the verdict of DLP is a number, a text that is one, or a word") {
  CHECK(Dlp("0") == "clean");
  CHECK(Dlp("\"1\"") == "found");
  CHECK(Dlp("4") == "not_scanned");
  CHECK(Dlp("\"Found matched data\"") == "found");
  CHECK(Dlp("\"Not scanned\"") == "not_scanned");
  CHECK(Dlp("\"SUSPICIOUS\"") == "suspicious");
  CHECK(Dlp("5") == "other");
  CHECK(Dlp("0.5") == "other");
  CHECK(Dlp("\"new\"") == "other");
  CHECK(Dlp("true") == "other");
  CHECK(Dlp("null") == "absent");
  CHECK(Dlp("\"\"") == "absent");
  CHECK_FALSE(EntryOf(",\"dlp_info\":{}").dlp);
  CHECK_FALSE(EntryOf(",\"dlp_info\":[1]").dlp);
}

TEST_CASE("the verdict of the sandbox is a word; a number says nothing that is known") {
  CHECK(Sandbox("\"MALICIOUS\"") == "malicious");
  CHECK(Sandbox("\"Likely Malicious\"") == "likely_malicious");
  CHECK(Sandbox("\"likely-malicious \"") == "likely_malicious");
  CHECK(Sandbox("\"NO_THREAT\"") == "no_threat");
  CHECK(Sandbox("\"High Risk\"") == "other");
  CHECK(Sandbox("\"other\"") == "other");
  CHECK(Sandbox("2") == "other");
  CHECK(Sandbox("\"" + std::string(1000, 'a') + "\"") == "other");
  CHECK(Sandbox("\"\"") == "absent");
  CHECK_FALSE(EntryOf(",\"sandbox\":{}").sandbox);
  CHECK_FALSE(EntryOf(",\"sandbox\":null").sandbox);
}

TEST_CASE("sanitization and vulnerability") {
  CHECK(Sanitized("\"Allowed\"") == "allowed");
  CHECK(Sanitized("\"Error\"") == "error");
  CHECK(Sanitized("\"Infected\"") == "infected");
  CHECK(Sanitized("\"unknown\"") == "unknown");
  CHECK(Sanitized("\"Skipped\"") == "other");
  CHECK(Sanitized("\"\"") == "absent");
  CHECK(Severity("\"LOW\"") == "low");
  CHECK(Severity("\"critical\"") == "critical");
  CHECK(Severity("3") == "other");
  CHECK(Severity("\"3\"") == "other");
  CHECK(Severity("null") == "absent");
}

TEST_CASE("a scan is finished when its progress is complete, else when its code is a result") {
  const std::string complete = R"(,"process_info":{"progress_percentage":100})";
  const std::string half = R"(,"process_info":{"progress_percentage":"50"})";
  const auto code = [](const std::string& number) {
    return ",\"scan_results\":{\"scan_all_result_i\":" + number + "}";
  };
  CHECK(Finished(complete));
  CHECK(Finished(complete + code("254")));
  CHECK_FALSE(Finished(half));
  CHECK_FALSE(Finished(half + code("0")));
  CHECK(Finished(code("0")));
  CHECK(Finished(code("99")));
  CHECK_FALSE(Finished(code("254")));
  CHECK_FALSE(Finished(code("\"255\"")));
  CHECK_FALSE(Finished(""));
  CHECK(Finished(R"(,"process_info":{})" + code("0")));
  CHECK_FALSE(Finished(R"(,"process_info":{"progress_percentage":null})" + code("null")));
}

TEST_CASE("a file is blocked by the word of the entry or of its sandbox") {
  CHECK(EntryOf(",\"blocked\":true").blocked);
  CHECK(EntryOf(",\"sandbox\":{\"blocked\":1}").blocked);
  CHECK_FALSE(EntryOf(",\"blocked\":false,\"sandbox\":{}").blocked);
  CHECK_FALSE(EntryOf("").blocked);
}

TEST_CASE("numbers of engines that are none are not summed") {
  for (const char* number : {"-1", "1.5", "1e9", "null", "\"many\"", "[]"}) {
    CAPTURE(number);
    const ScanEntry entry = EntryOf(R"(,"scan_results":{"total_avs":)" + std::string(number) +
                                    R"(,"total_detected_avs":)" + number + "}");
    CHECK(entry.engines == 0);
    CHECK(entry.engine_detections == 0);
  }
}

TEST_CASE("times are ISO 8601, or numbers of seconds or milliseconds") {
  const scrape::SystemTime time(std::chrono::seconds(1590568732));
  for (const char* text :
       {"\"2020-05-27T08:38:52Z\"", "1590568732", "\"1590568732\"", "1590568732000"}) {
    CAPTURE(text);
    CHECK(EntryOf(R"(,"scan_results":{"start_time":)" + std::string(text) + "}").start == time);
  }
}

TEST_CASE("times that are none are absent") {
  for (const char* time :
       {"\"\"", "\"yesterday\"", "\"1970-01-01T00:00:00Z\"", "0", "null", "-1", "1e15", "{}"}) {
    CAPTURE(time);
    CHECK_FALSE(EntryOf(R"(,"scan_results":{"start_time":)" + std::string(time) + "}").start);
  }
}

TEST_CASE("entries that cannot be told apart are left out") {
  CHECK(PageOf(R"({"data_id":""},{"data_id":7},{},null,"x",{"data_id":"a"})").entries.size() == 1);
}

TEST_CASE("the cursor is that of the last entry, whatever else is missing in it") {
  CHECK(PageOf(R"({"data_id":"a","nextCursor":"1"},{"data_id":"b"})").next_cursor.empty());
  CHECK(PageOf(R"({"data_id":"a"},{"nextCursor":"a=&+/ b"})").next_cursor == "a=&+/ b");
  for (const char* none : {"null", "\"\""}) {
    const auto page = PageOf(R"({"data_id":"a","nextCursor":)" + std::string(none) + "}");
    CHECK(page.next_cursor.empty());
    CHECK_FALSE(page.unusable_cursor);
  }
  CHECK(PageOf(R"({"data_id":"a","nextCursor":1590568732383})").next_cursor == "1590568732383");
  for (const char* odd : {"{}", "[1]", "true", "1.5"}) {
    CHECK(PageOf(R"({"data_id":"a","nextCursor":)" + std::string(odd) + "}").unusable_cursor);
  }
}

TEST_CASE("an empty history is an empty list, null, or the service's 404002") {
  CHECK(PageOf("").entries.empty());
  CHECK(DecodeHistory({.status = 200, .body = R"({"data":null})"}));
  const auto none = DecodeHistory(
      {.status = 404, .body = R"({"error":{"code":404002,"messages":["No entries found"]}})"});
  REQUIRE(none);
  CHECK(none->entries.empty());
  CHECK(none->next_cursor.empty());
}

TEST_CASE("what is no history fails") {
  const auto reason = [](int status, const std::string& body) {
    const auto page = DecodeHistory({.status = status, .body = body});
    REQUIRE_FALSE(page);
    return page.error().reason;
  };
  CHECK(reason(200, "[]") == Reason::kSchema);
  CHECK(reason(200, "{}") == Reason::kSchema);
  CHECK(reason(200, R"({"data":{}})") == Reason::kSchema);
  CHECK(reason(200, R"({"data":"none"})") == Reason::kSchema);
  CHECK(reason(200, "{\"data\":[") == Reason::kDecode);
  CHECK(reason(404, R"({"error":{"code":404000}})") == Reason::kNotFound);
  CHECK(reason(404, "<html>") == Reason::kNotFound);
  CHECK(reason(400, R"({"error":{"code":400028}})") == Reason::kClientError);
  CHECK(reason(401, R"({"error":{"code":401006}})") == Reason::kUnauthorized);
}
