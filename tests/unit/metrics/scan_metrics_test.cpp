#include "exporter/metrics/scan_metrics.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "exporter/metrics/metrics.h"
#include "tests/exposition_checker.h"
#include "tests/metrics_fixture.h"

using namespace std::chrono_literals;
using exporter::Format;
using test::Exposition;

namespace {

Exposition Exposed(const scrape::KeyState& key, exporter::MetricOptions options = {}) {
  scrape::Snapshot snapshot;
  snapshot.keys = {std::make_shared<const scrape::KeyState>(key)};
  exporter::MetricsInput input = test::InputOf(snapshot);
  input.options = options;
  const std::string text = exporter::RenderText(input, Format::kText, 0);
  Exposition exposition = test::CheckExposition(text);
  CHECK(exposition.Problems() == "");
  return exposition;
}

std::size_t SeriesOf(const Exposition& exposition, const std::string& name) {
  const test::Family* family = exposition.Find(name);
  return family == nullptr ? 0 : family->samples.size();
}

}  // namespace

TEST_CASE("every value of every label is there, those that were counted and those that were not") {
  const Exposition exposition = Exposed(*test::KeyWithHistory("a"));
  CHECK(SeriesOf(exposition, "mdcloud_scans_total") == 25);
  CHECK(SeriesOf(exposition, "mdcloud_scan_dlp_verdicts_total") == 6);
  CHECK(SeriesOf(exposition, "mdcloud_scan_sandbox_verdicts_total") == 8);
  CHECK(SeriesOf(exposition, "mdcloud_scan_sanitizations_total") == 5);
  CHECK(SeriesOf(exposition, "mdcloud_scan_vulnerabilities_total") == 5);
  CHECK(exposition.Value("mdcloud_scans_total", {{"key", "a"}, {"result", "no_threat"}}) == 90);
  CHECK(exposition.Value("mdcloud_scans_total", {{"key", "a"}, {"result", "infected"}}) == 3);
  CHECK(exposition.Value("mdcloud_scans_total", {{"key", "a"}, {"result", "aborted"}}) == 0);
  CHECK(exposition.Value("mdcloud_scans_total", {{"key", "a"}, {"result", "other"}}) == 4);
  CHECK(exposition.Value("mdcloud_scan_dlp_verdicts_total", {{"key", "a"}, {"verdict", "found"}}) ==
        5);
  CHECK(exposition.Value("mdcloud_scan_vulnerabilities_total",
                         {{"key", "a"}, {"severity", "critical"}}) == 1);
  CHECK(exposition.Value("mdcloud_scan_engines_total", {{"key", "a"}}) == 3600);
  CHECK(exposition.Value("mdcloud_scan_engine_detections_total", {{"key", "a"}}) == 33);
  CHECK(exposition.Value("mdcloud_scans_blocked_total", {{"key", "a"}}) == 3);
  CHECK(exposition.Value("mdcloud_scan_history_in_progress", {{"key", "a"}}) == 2);
  CHECK(exposition.Value("mdcloud_scan_history_truncated", {{"key", "a"}}) == 0);
  CHECK(exposition.Value("mdcloud_scan_history_last_scan_timestamp_seconds", {{"key", "a"}}) ==
        1767323015);
}

TEST_CASE("without a first round, or switched off, there is nothing of a history") {
  const Exposition exposition = Exposed(*test::FullKey("a"));
  for (const test::Family& family : exposition.families) {
    CHECK_FALSE(family.name.starts_with("mdcloud_scan_"));
    CHECK_FALSE(family.name.starts_with("mdcloud_scans_"));
  }
}

TEST_CASE("a history that is too old, or of a rejected key, has its counters only") {
  for (const bool rejected : {false, true}) {
    auto key = test::KeyWithHistory("a");
    if (rejected) {
      key->stopped = true;
    } else {
      key->collectors[IndexOf(scrape::Collector::kHistory)].keep_until = test::kSteadyNow;
    }
    const Exposition exposition = Exposed(*key);
    CHECK(SeriesOf(exposition, "mdcloud_scans_total") == 25);
    CHECK(SeriesOf(exposition, "mdcloud_scans_blocked_total") == 1);
    CHECK(SeriesOf(exposition, "mdcloud_scan_history_in_progress") == 0);
    CHECK(SeriesOf(exposition, "mdcloud_scan_history_truncated") == 0);
    CHECK(SeriesOf(exposition, "mdcloud_scan_history_last_scan_timestamp_seconds") == 0);
  }
}

TEST_CASE("a history without scans has no newest one") {
  auto key = test::KeyWithHistory("a");
  auto history = std::make_shared<scrape::ScanHistory>();
  history->truncated = true;
  key->history = history;
  const Exposition exposition = Exposed(*key);
  CHECK(SeriesOf(exposition, "mdcloud_scan_history_last_scan_timestamp_seconds") == 0);
  CHECK(exposition.Value("mdcloud_scan_history_truncated", {{"key", "a"}}) == 1);
}

TEST_CASE("a program that ends has counted nothing, and says what the history is like") {
  const Exposition exposition = Exposed(*test::KeyWithHistory("a"), {.one_shot = true});
  CHECK(SeriesOf(exposition, "mdcloud_scans_total") == 0);
  CHECK(SeriesOf(exposition, "mdcloud_scans_blocked_total") == 0);
  CHECK(SeriesOf(exposition, "mdcloud_scan_history_in_progress") == 1);
}
