#include "exporter/metrics/series.h"

#include <doctest/doctest.h>

using exporter::Series;
using prometheus::MetricType;

TEST_CASE("a family does not see what the one before it left behind") {
  Series series;
  series.Begin("a_seconds", "Words.", MetricType::Histogram);
  prometheus::ClientMetric::Histogram histogram;
  histogram.sample_count = 3;
  for (const char* key : {"1", "2", "3"}) series.AddHistogram({{"a", "x"}, {"k", key}}, histogram);
  CHECK(series.Finish().front().metric.size() == 3);

  series.Begin("b_total", "Other words.", MetricType::Counter);
  series.Add({{"k", "only"}}, 7);
  const prometheus::MetricFamily& family = series.Finish().front();
  CHECK(family.name == "b_total");
  CHECK(family.help == "Other words.");
  CHECK(family.type == MetricType::Counter);
  REQUIRE(family.metric.size() == 1);
  REQUIRE(family.metric[0].label.size() == 1);
  CHECK(family.metric[0].label[0].name == "k");
  CHECK(family.metric[0].label[0].value == "only");
  CHECK(family.metric[0].counter.value == 7);

  series.Begin("c", "Gauge.", MetricType::Gauge);
  CHECK(series.Finish().front().metric.empty());

  series.Begin("d", "Gauge.", MetricType::Gauge);
  for (int i = 0; i < 5; ++i) series.Add({}, i);
  REQUIRE(series.Finish().size() == 1);
  REQUIRE(series.Finish().front().metric.size() == 5);
  CHECK(series.Finish().front().metric[4].gauge.value == 4);
  CHECK(series.Finish().front().metric[0].label.empty());
}
