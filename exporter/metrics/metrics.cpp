#include "exporter/metrics/metrics.h"

#include "exporter/metrics/exposition.h"
#include "exporter/metrics/gzip.h"
#include "exporter/metrics/key_view.h"
#include "exporter/metrics/metric_table.h"
#include "exporter/metrics/series.h"

namespace exporter {

void ForEachFamily(
    const MetricsInput& input,
    const std::function<void(const std::vector<prometheus::MetricFamily>&)>& consume) {
  const MetricsView view = ViewOf(input);
  Series series;
  for (const MetricSpec& spec : MetricTable()) {
    series.Begin(spec.name, HelpOf(spec), spec.type);
    spec.build(view, series);
    const std::vector<prometheus::MetricFamily>& families = series.Finish();
    if (!families.front().metric.empty()) consume(families);
  }
}

std::string RenderText(const MetricsInput& input, std::size_t size_hint) {
  std::string text;
  text.reserve(size_hint);
  ForEachFamily(input, [&](const std::vector<prometheus::MetricFamily>& families) {
    TextSerializer::Append(text, families.front());
  });
  return text;
}

std::string RenderGzip(const MetricsInput& input, std::size_t size_hint) {
  std::string compressed;
  compressed.reserve(size_hint);
  GzipWriter gzip(compressed);
  std::string text;
  ForEachFamily(input, [&](const std::vector<prometheus::MetricFamily>& families) {
    text.clear();
    TextSerializer::Append(text, families.front());
    gzip.Write(text);
  });
  gzip.Finish();
  return compressed;
}

}  // namespace exporter
