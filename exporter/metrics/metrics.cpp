#include "exporter/metrics/metrics.h"

#include <functional>
#include <string_view>

#include "exporter/metrics/exposition.h"
#include "exporter/metrics/gzip.h"
#include "exporter/metrics/key_view.h"
#include "exporter/metrics/metric_table.h"
#include "exporter/metrics/series.h"

namespace exporter {
namespace {

// Text is passed on in portions of about this size, which stay in the processor's cache.
constexpr std::size_t kPortion = std::size_t{64} * 1024;

using PortionConsumer = std::function<void(std::string_view)>;

void RenderPortions(const MetricsInput& input, const PortionConsumer& consume) {
  TextBuffer text;
  ForEachFamily(input, [&](const prometheus::MetricFamily& piece, bool first) {
    if (first) TextSerializer::AppendHeader(text, piece);
    TextSerializer::AppendSeries(text, piece);
    if (text.size() < kPortion) return;
    consume(text.View());
    text.Clear();
  });
  consume(text.View());
}

}  // namespace

void ForEachFamily(const MetricsInput& input, const FamilyConsumer& consume) {
  const MetricsView view = ViewOf(input);
  Series series(consume);
  for (const MetricSpec& spec : MetricTable()) {
    series.Begin(spec.name, HelpOf(spec), spec.type);
    spec.build(view, series);
    series.End();
  }
}

std::string RenderText(const MetricsInput& input, std::size_t size_hint) {
  std::string text;
  text.reserve(size_hint);
  RenderPortions(input, [&](std::string_view portion) { text += portion; });
  return text;
}

std::string RenderGzip(const MetricsInput& input, std::size_t size_hint) {
  std::string compressed;
  compressed.reserve(size_hint);
  GzipWriter gzip(compressed);
  RenderPortions(input, [&](std::string_view portion) { gzip.Write(portion); });
  gzip.Finish();
  return compressed;
}

}  // namespace exporter
