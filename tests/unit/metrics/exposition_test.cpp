#include "exporter/metrics/exposition.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "exporter/metrics/short_text.h"
#include "tests/exposition_checker.h"

using exporter::TextSerializer;
using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

namespace {

ClientMetric Gauge(double value, std::vector<ClientMetric::Label> labels = {}) {
  ClientMetric metric;
  metric.label = std::move(labels);
  metric.gauge.value = value;
  return metric;
}

void Append(std::string& text, const MetricFamily& family) {
  exporter::TextBuffer buffer;
  TextSerializer::AppendHeader(buffer, family, exporter::Format::kText);
  TextSerializer::AppendSeries(buffer, family, exporter::Format::kText);
  text += buffer.View();
}

std::string FormatNumber(double value) {
  exporter::TextBuffer buffer;
  buffer.Reserve(exporter::TextBuffer::kMaxNumberSize);
  buffer.PutNumber(value);
  return std::string(buffer.View());
}

}  // namespace

TEST_CASE("integers up to 2^53 are written plainly, other numbers in their shortest exact form") {
  CHECK(FormatNumber(0) == "0");
  CHECK(FormatNumber(1000000) == "1000000");
  CHECK(FormatNumber(-17) == "-17");
  CHECK(FormatNumber(9007199254740992.0) == "9007199254740992");
  CHECK(FormatNumber(0.1 + 0.2) == "0.30000000000000004");
  CHECK(FormatNumber(0.05) == "0.05");
  CHECK(FormatNumber(1e300) == "1e+300");
  CHECK(FormatNumber(std::numeric_limits<double>::quiet_NaN()) == "NaN");
  CHECK(FormatNumber(std::numeric_limits<double>::infinity()) == "+Inf");
  CHECK(FormatNumber(-std::numeric_limits<double>::infinity()) == "-Inf");
}

TEST_CASE("every number reads back as itself") {
  std::mt19937_64 random(20260102);  // NOLINT(bugprone-random-generator-seed): repeatable
  for (int i = 0; i < 20000; ++i) {
    const std::uint64_t bits = random();
    double value = 0;
    static_assert(sizeof value == sizeof bits);
    std::memcpy(&value, &bits, sizeof value);
    if (!std::isfinite(value)) continue;
    CHECK(std::strtod(FormatNumber(value).c_str(), nullptr) == value);
  }
}

TEST_CASE("HELP and label values are escaped") {
  const MetricFamily family{
      "a_gauge", "One \\ \"two\"\nthree", MetricType::Gauge, {Gauge(1, {{"k", "a\\b\"c\nd"}})}};
  std::string text;
  Append(text, family);
  CHECK(text ==
        "# HELP a_gauge One \\\\ \"two\"\\nthree\n# TYPE a_gauge gauge\n"
        "a_gauge{k=\"a\\\\b\\\"c\\nd\"} 1\n");
  const test::Exposition exposition = test::CheckExposition(text);
  CHECK(exposition.Problems() == "");
  CHECK(exposition.families[0].help == family.help);
  CHECK(exposition.families[0].samples[0].labels[0].second == "a\\b\"c\nd");
}

TEST_CASE("any label value survives the way through the text") {
  std::mt19937 random(20260102);  // NOLINT(bugprone-random-generator-seed): repeatable
  for (int round = 0; round < 2000; ++round) {
    std::string value;
    for (std::size_t size = random() % 200; size > 0; --size) {
      value += "\\\"\n ab{},=\x01\x7f"[random() % 12];
    }
    std::string text;
    Append(text, {"a_gauge", "W.", MetricType::Gauge, {Gauge(1, {{"k", value}})}});
    const test::Exposition exposition = test::CheckExposition(text);
    REQUIRE(exposition.Problems() == "");
    REQUIRE(exposition.families[0].samples[0].labels[0].second == value);
  }
}

TEST_CASE("a histogram has its buckets, sum and count") {
  ClientMetric metric;
  metric.label = {{"collector", "info"}};
  metric.histogram = {3, 2.5, {{1, 0.5}, {2, 1}, {3, std::numeric_limits<double>::infinity()}}};
  std::string text;
  Append(text, {"h_seconds", "W.", MetricType::Histogram, {metric}});
  CHECK(text ==
        "# HELP h_seconds W.\n# TYPE h_seconds histogram\n"
        "h_seconds_bucket{collector=\"info\",le=\"0.5\"} 1\n"
        "h_seconds_bucket{collector=\"info\",le=\"1\"} 2\n"
        "h_seconds_bucket{collector=\"info\",le=\"+Inf\"} 3\n"
        "h_seconds_sum{collector=\"info\"} 2.5\nh_seconds_count{collector=\"info\"} 3\n");
  CHECK(test::CheckExposition(text).Problems() == "");
}

TEST_CASE("a histogram without a +Inf bucket gets one") {
  ClientMetric metric;
  metric.histogram = {3, 2.5, {{1, 0.5}}};
  std::string text;
  Append(text, {"h_seconds", "W.", MetricType::Histogram, {metric}});
  CHECK(text.find("h_seconds_bucket{le=\"+Inf\"} 3\n") != std::string::npos);
  CHECK(test::CheckExposition(text).Problems() == "");
}

TEST_CASE("counters, summaries and untyped metrics of others are written too") {
  ClientMetric metric;
  metric.counter.value = 7;
  metric.untyped.value = 8;
  metric.summary = {2, 3.5, {{0.5, 1.25}}};
  std::string text;
  Append(text, {"c_total", "W.", MetricType::Counter, {metric}});
  Append(text, {"s_seconds", "W.", MetricType::Summary, {metric}});
  Append(text, {"u", "W.", MetricType::Untyped, {metric}});
  CHECK(text ==
        "# HELP c_total W.\n# TYPE c_total counter\nc_total 7\n"
        "# HELP s_seconds W.\n# TYPE s_seconds summary\n"
        "s_seconds{quantile=\"0.5\"} 1.25\ns_seconds_sum 3.5\ns_seconds_count 2\n"
        "# HELP u W.\n# TYPE u untyped\nu 8\n");
}

TEST_CASE(
    "the serializer interface writes the same text, and nothing for a family without series") {
  const std::vector<MetricFamily> families = {
      {"a_gauge", "W.", MetricType::Gauge, {Gauge(1), Gauge(2, {{"k", "v"}})}},
      {"b_gauge", "W.", MetricType::Gauge, {}}};
  std::ostringstream out;
  const TextSerializer serializer;
  serializer.Serialize(out, families);
  CHECK(out.str() == "# HELP a_gauge W.\n# TYPE a_gauge gauge\na_gauge 1\na_gauge{k=\"v\"} 2\n");
  CHECK(serializer.Serialize(families) == out.str());
}

TEST_CASE(
    "OpenMetrics: _total is not the family's, bounds have a point, quotes in HELP are escaped") {
  prometheus::ClientMetric histogram;
  histogram.label = {{"k", "v"}};
  histogram.histogram.sample_count = 3;
  histogram.histogram.sample_sum = 4.5;
  histogram.histogram.bucket = {{1, 0.5}, {2, 1}};
  prometheus::ClientMetric counter;
  counter.counter.value = 7;
  const std::vector<MetricFamily> families = {
      {"a_calls_total", "Say \"how\".", MetricType::Counter, {counter}},
      {"b_total", "A gauge.", MetricType::Gauge, {Gauge(1)}},
      {"c_seconds", "W.", MetricType::Histogram, {histogram}},
      {"d", "W.", MetricType::Untyped, {prometheus::ClientMetric()}}};
  CHECK(TextSerializer(exporter::Format::kOpenMetrics).Serialize(families) ==
        "# HELP a_calls Say \\\"how\\\".\n# TYPE a_calls counter\na_calls_total 7\n"
        "# HELP b_total A gauge.\n# TYPE b_total gauge\nb_total 1\n"
        "# HELP c_seconds W.\n# TYPE c_seconds histogram\n"
        "c_seconds_bucket{k=\"v\",le=\"0.5\"} 1\nc_seconds_bucket{k=\"v\",le=\"1.0\"} 2\n"
        "c_seconds_bucket{k=\"v\",le=\"+Inf\"} 3\nc_seconds_sum{k=\"v\"} 4.5\n"
        "c_seconds_count{k=\"v\"} 3\n"
        "# HELP d W.\n# TYPE d unknown\nd 0\n# EOF\n");
}

TEST_CASE("series that differ in any label from the one before are written in full") {
  std::string text;
  Append(text, {"a_gauge",
                "W.",
                MetricType::Gauge,
                {Gauge(1), Gauge(2, {{"a", "1"}, {"b", "1"}}), Gauge(3, {{"a", "1"}, {"b", "2"}}),
                 Gauge(4, {{"a", "2"}, {"b", "2"}}), Gauge(5, {{"a", "2"}, {"c", "2"}}),
                 Gauge(6, {{"b", "2"}, {"c", "2"}}), Gauge(7, {{"d", "2"}}), Gauge(8, {{"d", ""}}),
                 Gauge(9, {{"e", "\""}}), Gauge(10, {{"e", "2"}})}});
  CHECK(text ==
        "# HELP a_gauge W.\n# TYPE a_gauge gauge\na_gauge 1\n"
        "a_gauge{a=\"1\",b=\"1\"} 2\na_gauge{a=\"1\",b=\"2\"} 3\na_gauge{a=\"2\",b=\"2\"} 4\n"
        "a_gauge{a=\"2\",c=\"2\"} 5\na_gauge{b=\"2\",c=\"2\"} 6\na_gauge{d=\"2\"} 7\n"
        "a_gauge{d=\"\"} 8\na_gauge{e=\"\\\"\"} 9\na_gauge{e=\"2\"} 10\n");
}

TEST_CASE("a long exposition grows its buffer without losing any of it") {
  exporter::TextBuffer buffer;
  const std::string value(1000, '"');
  MetricFamily family{"a_gauge", "W.", MetricType::Gauge, {}};
  for (int i = 0; i < 1000; ++i) family.metric.push_back(Gauge(i, {{"k", value}, {"l", "x"}}));
  TextSerializer::AppendSeries(buffer, family, exporter::Format::kText);
  CHECK(buffer.View().starts_with("a_gauge{k=\"\\\"\\\""));
  CHECK(buffer.View().ends_with("\",l=\"x\"} 999\n"));
  CHECK(buffer.size() == 10 * 2022 + 90 * 2023 + 900 * 2024);
}

TEST_CASE("short texts of every length are told apart") {
  for (std::size_t size = 0; size < 40; ++size) {
    const std::string text(size, 'a');
    CHECK(exporter::IsSame(text, std::string(size, 'a')));
    CHECK_FALSE(exporter::IsSame(text, text + "a"));
    for (std::size_t at = 0; at < size; ++at) {
      std::string other = text;
      other[at] = 'b';
      CHECK_FALSE(exporter::IsSame(text, other));
    }
  }
}
