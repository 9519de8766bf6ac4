#include "exporter/metrics/metrics.h"

#include <functional>
#include <string_view>

#include "exporter/metrics/gzip.h"
#include "exporter/metrics/key_view.h"
#include "exporter/metrics/metric_table.h"
#include "exporter/metrics/series.h"

namespace exporter {
namespace {

// Text is passed on in portions of about this size, which stay in the processor's cache.
constexpr std::size_t kPortion = std::size_t{64} * 1024;

using PortionConsumer = std::function<void(std::string_view)>;

void RenderPortions(const MetricsInput& input, Format format, const PortionConsumer& consume) {
  TextBuffer text;
  ForEachFamily(input, [&](const prometheus::MetricFamily& piece, bool first) {
    if (first) TextSerializer::AppendHeader(text, piece, format);
    TextSerializer::AppendSeries(text, piece, format);
    if (text.size() < kPortion) return;
    consume(text.View());
    text.Clear();
  });
  TextSerializer::AppendEnd(text, format);
  consume(text.View());
}

// `labels` as in MetricSpec.
bool HasLabel(std::string_view labels, std::string_view name) {
  while (!labels.empty()) {
    const std::size_t end = labels.find(", ");
    if (labels.substr(0, end) == name) return true;
    labels.remove_prefix(end == std::string_view::npos ? labels.size() : end + 2);
  }
  return false;
}

bool OutlastsTheProgram(const MetricSpec& spec) {
  if (spec.type == prometheus::MetricType::Counter) return false;
  if (spec.name == "mdcloud_scrape_collector_interval_seconds") return false;
  if (spec.name == "mdcloud_scrape_collector_next_attempt_timestamp_seconds") return false;
  return HasLabel(spec.labels, "key") || spec.name == "mdcloud_exporter_build_info" ||
         spec.name == "mdcloud_exporter_configured_keys";
}

bool IsSelected(const MetricSpec& spec, const Selection& selection) {
  if (!selection.with_client && spec.name.starts_with("mdcloud_client_")) return false;
  if (!selection.keys.empty() && !HasLabel(spec.labels, "key")) return false;
  if (selection.collectors.empty() || HasLabel(spec.labels, "collector")) return true;
  return spec.cached_from && selection.Has(*spec.cached_from);
}

}  // namespace

void ForEachFamily(const MetricsInput& input, const FamilyConsumer& consume) {
  const MetricsView view = ViewOf(input);
  Series series(consume);
  for (const MetricSpec& spec : MetricTable()) {
    if (input.options.one_shot && !OutlastsTheProgram(spec)) continue;
    if (!IsSelected(spec, input.selection)) continue;
    series.Begin(spec.name, HelpOf(spec), spec.type);
    spec.build(view, series);
    series.End();
  }
}

std::string RenderText(const MetricsInput& input, Format format, std::size_t size_hint) {
  std::string text;
  text.reserve(size_hint);
  RenderPortions(input, format, [&](std::string_view portion) { text += portion; });
  return text;
}

std::string RenderGzip(const MetricsInput& input, Format format, std::size_t size_hint) {
  std::string compressed;
  compressed.reserve(size_hint);
  GzipWriter gzip(compressed);
  RenderPortions(input, format, [&](std::string_view portion) { gzip.Write(portion); });
  gzip.Finish();
  return compressed;
}

}  // namespace exporter
