// Answers of the service, as it sends them, and what is exposed after one round of them. Each
// folder beside this file is a case:
//   info.json, limits.json, status.json, history.json
//                                         the bodies; "limits.429.json" comes with that HTTP
//                                         status; a collector without a file is switched off
//   next/history.json                     the history of a second round: the first one only takes
//                                         note of what there is
//   nickname_label                        when there, the user switched that option on
//   expected.prom                         the families about the key
// UPDATE_GOLDEN=1 writes expected.prom anew.

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "exporter/metrics/exposition.h"
#include "exporter/metrics/metrics.h"
#include "scrape/api/decode.h"
#include "scrape/key_record.h"
#include "scrape/schedule/schedule.h"
#include "tests/command_output.h"
#include "tests/exposition_checker.h"
#include "tests/metrics_fixture.h"
#include "tests/promtool.h"
#include "tests/read_text.h"
#include "tests/temp_dir.h"

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using exporter::Format;
using scrape::Collector;

namespace {

// The apikey asked with; the bodies carry it where the service would, and elsewhere to provoke.
constexpr std::string_view kSecret = "5ec2e700000000000000000000a91ce7";

using Answers = std::map<Collector, scrape::HttpAnswer>;

Answers ReadAnswers(const fs::path& folder) {
  Answers answers;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != ".json") continue;
    const std::string stem = entry.path().stem().string();
    const std::size_t dot = stem.find('.');
    const auto collector = scrape::CollectorByName(stem.substr(0, dot));
    REQUIRE_MESSAGE(collector, entry.path().string());
    const int status = dot == std::string::npos ? 200 : std::stoi(stem.substr(dot + 1));
    REQUIRE_MESSAGE(!answers.contains(*collector), entry.path().string());
    answers[*collector] = {status, test::ReadText(entry.path()), 0.048};
  }
  REQUIRE_MESSAGE(!answers.empty(), folder.string());
  return answers;
}

// A history of one page.
tl::expected<scrape::Answer, scrape::ScrapeError> HistoryRound(scrape::KeyRecord& record,
                                                               const scrape::HttpAnswer& http,
                                                               scrape::Moment now) {
  static_cast<void>(record.NextOfHistory(now.steady));
  auto answer = scrape::Decode(Collector::kHistory, http, record.Key());
  const bool more = record.TakeHistory(
      answer, {.bytes = http.body.size(), .took = 125ms, .service_now = now.system});
  REQUIRE_FALSE(more);
  return answer;
}

void Feed(scrape::KeyRecord& record, scrape::Schedule& schedule, Collector collector,
          const scrape::HttpAnswer& http_answer, scrape::Moment now) {
  const scrape::DecodeContext context{kSecret, record.Key().nickname_label};
  const auto end = [&](auto decoded) {
    const scrape::ScrapeError* error = decoded ? nullptr : &decoded.error();
    schedule.Finish({0, collector}, now.steady, now.steady, error);
    if (decoded) {
      record.Succeeded(collector, 125ms, http_answer.api_response_time_seconds, std::move(*decoded),
                       now);
    } else {
      record.Failed(collector, 125ms, *error, now);
    }
    record.FollowSchedule(now);
  };
  switch (collector) {
    case Collector::kInfo:
      return end(DecodeInfo(http_answer, context));
    case Collector::kLimits:
      return end(DecodeLimits(http_answer, context));
    case Collector::kStatus:
      return end(DecodeStatus(http_answer, context));
    case Collector::kHistory:
      return end(HistoryRound(record, http_answer, now));
  }
}

// Every collector asked once, unless the key is stopped before.
std::shared_ptr<const scrape::KeyState> AfterOneRound(const fs::path& folder) {
  const Answers answers = ReadAnswers(folder);
  auto key = test::Configured("example");
  key->secret = scrape::Secret(kSecret);
  key->labels = {{"team", "security"}};
  key->nickname_label = fs::exists(folder / "nickname_label");
  for (const Collector collector : scrape::kCollectors) {
    key->collectors[IndexOf(collector)] = answers.contains(collector);
  }
  scrape::Moment now{test::kSteadyNow, test::kNow};
  scrape::Schedule schedule({key}, {}, 1, now.steady);
  scrape::KeyRecord record(key, schedule, 0);
  std::set<Collector> asked;
  for (; asked.size() < answers.size() && now.steady < test::kSteadyNow + 5min;
       now.steady += 50ms) {
    for (const scrape::Task& task : schedule.TakeDue(now.steady)) {
      Feed(record, schedule, task.collector, answers.at(task.collector), now);
      asked.insert(task.collector);
    }
  }
  if (fs::exists(folder / "next")) {
    for (const auto& [collector, answer] : ReadAnswers(folder / "next")) {
      Feed(record, schedule, collector, answer, now);
    }
  }
  return record.Published();
}

std::string Expose(const std::shared_ptr<const scrape::KeyState>& state,
                   Format format = Format::kText) {
  scrape::Snapshot snapshot;
  snapshot.keys = {state};
  exporter::TextBuffer text;
  ForEachFamily(test::InputOf(snapshot), [&](const prometheus::MetricFamily& family, bool first) {
    const auto& labels = family.metric.front().label;
    const bool of_key = std::any_of(labels.begin(), labels.end(),
                                    [](const auto& label) { return label.name == "key"; });
    // When a key is asked again is the schedule's affair, and tested there.
    if (of_key && family.name != "mdcloud_scrape_collector_next_attempt_timestamp_seconds") {
      if (first) exporter::TextSerializer::AppendHeader(text, family, format);
      exporter::TextSerializer::AppendSeries(text, family, format);
    }
  });
  exporter::TextSerializer::AppendEnd(text, format);
  return std::string(text.View());
}

std::vector<fs::path> Cases() {
  std::vector<fs::path> cases;
  const fs::path folder = fs::path(MDCLOUD_SOURCE_DIR) / "tests" / "golden";
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    if (entry.is_directory()) cases.push_back(entry.path());
  }
  std::sort(cases.begin(), cases.end());
  return cases;
}

}  // namespace

TEST_CASE("answers become the expected exposition") {
  const bool update = std::getenv("UPDATE_GOLDEN") != nullptr;  // NOLINT(concurrency-mt-unsafe)
  const std::vector<fs::path> cases = Cases();
  CHECK(cases.size() >= 60);
  for (const fs::path& folder : cases) {
    const std::string name = folder.filename().string();
    CAPTURE(name);
    const std::string exposed = Expose(AfterOneRound(folder));
    if (update) std::ofstream(folder / "expected.prom", std::ios::binary) << exposed;
    CHECK(exposed == test::ReadText(folder / "expected.prom"));
    CHECK(test::CheckExposition(exposed).Problems() == "");
    CHECK(exposed.find(kSecret) == std::string::npos);
  }
}

TEST_CASE("promtool accepts every expected exposition") {
  const std::set<std::string> wanted = {
      "mdcloud_apikey_expiration_days use base unit \"seconds\" instead of \"days\"",
      "mdcloud_organization_expiration_days use base unit \"seconds\" instead of \"days\""};
  for (const fs::path& folder : Cases()) {
    const std::string name = folder.filename().string();
    for (const std::string& finding :
         test::PromtoolFindings(test::ReadText(folder / "expected.prom"))) {
      CHECK_MESSAGE(wanted.contains(finding), name, ": ", finding);
    }
  }
}

TEST_CASE("Python's parser of OpenMetrics reads from every exposition what that of the text does") {
  const test::TempDir folder;
  for (const fs::path& example : Cases()) {
    const std::string name = example.filename().string();
    const auto state = AfterOneRound(example);
    folder.Write(name + ".prom", Expose(state));
    folder.Write(name + ".openmetrics", Expose(state, Format::kOpenMetrics));
  }
  // Everything: the families about the exporter itself, with a histogram, too.
  scrape::Snapshot snapshot;
  snapshot.keys = {AfterOneRound(Cases().front())};
  snapshot.client[0].duration_buckets = {1, 2, 3, 4, 5, 6, 7, 8, 9};
  const auto input = test::InputOf(snapshot);
  folder.Write("all.prom", exporter::RenderText(input));
  folder.Write("all.openmetrics", exporter::RenderText(input, Format::kOpenMetrics));
  const std::string output =
      test::OutputOf("/usr/bin/python3 '" MDCLOUD_SOURCE_DIR "/tests/golden/openmetrics.py' '" +
                     folder.path() + "' 2>&1");
  CAPTURE(output);
  CHECK(output.find('\n') == output.size() - 1);  // no line but the number
  CHECK(std::stoi(output) > 1000);
}
