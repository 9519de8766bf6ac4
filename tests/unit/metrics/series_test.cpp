#include "exporter/metrics/series.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using exporter::Series;
using prometheus::MetricFamily;
using prometheus::MetricType;

namespace {

struct Piece {
  MetricFamily family;
  bool first;
};

}  // namespace

TEST_CASE("a family does not see what the one before it left behind") {
  std::vector<Piece> pieces;
  Series series([&](const MetricFamily& piece, bool first) { pieces.push_back({piece, first}); });
  series.Begin("a_seconds", "Words.", MetricType::Histogram);
  prometheus::ClientMetric::Histogram histogram;
  histogram.sample_count = 3;
  for (const char* key : {"1", "2", "3"}) series.AddHistogram({{"a", "x"}, {"k", key}}, histogram);
  series.End();
  series.Begin("b_total", "Other words.", MetricType::Counter);
  series.Add({{"k", "only"}}, 7);
  series.End();
  series.Begin("c", "Without series.", MetricType::Gauge);
  series.End();
  series.Begin("d", "Gauge.", MetricType::Gauge);
  for (int i = 0; i < 5; ++i) series.Add({}, i);
  series.End();

  REQUIRE(pieces.size() == 3);
  CHECK(pieces[0].family.metric.size() == 3);
  const MetricFamily& counter = pieces[1].family;
  CHECK(pieces[1].first);
  CHECK(counter.name == "b_total");
  CHECK(counter.help == "Other words.");
  CHECK(counter.type == MetricType::Counter);
  REQUIRE(counter.metric.size() == 1);
  REQUIRE(counter.metric[0].label.size() == 1);
  CHECK(counter.metric[0].label[0].name == "k");
  CHECK(counter.metric[0].label[0].value == "only");
  CHECK(counter.metric[0].counter.value == 7);
  REQUIRE(pieces[2].family.metric.size() == 5);
  CHECK(pieces[2].family.metric[4].gauge.value == 4);
  CHECK(pieces[2].family.metric[0].label.empty());
}

TEST_CASE("a long family comes in pieces, complete and in order, the first one marked") {
  std::vector<std::string> keys;
  std::size_t pieces = 0;
  std::size_t firsts = 0;
  Series series([&](const MetricFamily& piece, bool first) {
    CHECK(piece.name == "a");
    CHECK_FALSE(piece.metric.empty());
    for (const auto& metric : piece.metric) keys.push_back(metric.label.at(0).value);
    ++pieces;
    firsts += first ? 1 : 0;
    CHECK(first == (pieces == 1));
  });
  for (const int count : {1, 127, 128, 129, 256, 1000}) {
    keys.clear();
    pieces = firsts = 0;
    series.Begin("a", "Gauge.", MetricType::Gauge);
    for (int i = 0; i < count; ++i) series.Add({{"key", std::to_string(i)}}, i);
    series.End();
    CHECK(firsts == 1);
    REQUIRE(keys.size() == static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) {
      REQUIRE(keys[static_cast<std::size_t>(i)] == std::to_string(i));
    }
  }
}
