#include "exporter/metrics/series.h"

#include <utility>

#include "exporter/metrics/short_text.h"

namespace exporter {
namespace {

constexpr std::size_t kPiece = 128;  // about 34 kB

}  // namespace

Series::Series(FamilyConsumer consume) : consume_(std::move(consume)) {
  piece_.metric.reserve(kPiece);
  spare_.reserve(kPiece);
}

void Series::Begin(std::string_view name, std::string_view help, prometheus::MetricType type) {
  piece_.name.assign(name);
  piece_.help.assign(help);
  piece_.type = type;
  used_ = 0;
  first_ = true;
}

void Series::Add(std::span<const LabelRef> labels, double value) {
  prometheus::ClientMetric& metric = Next(labels);
  if (piece_.type == prometheus::MetricType::Counter) {
    metric.counter.value = value;
  } else {
    metric.gauge.value = value;
  }
}

void Series::AddHistogram(std::initializer_list<LabelRef> labels,
                          const prometheus::ClientMetric::Histogram& histogram) {
  Next(std::span(labels.begin(), labels.size())).histogram = histogram;
}

void Series::End() {
  if (used_ > 0) HandOn();
}

prometheus::ClientMetric& Series::Next(std::span<const LabelRef> labels) {
  if (used_ == kPiece) HandOn();
  std::vector<prometheus::ClientMetric>& metrics = piece_.metric;
  if (used_ == metrics.size()) {
    if (spare_.empty()) {
      metrics.emplace_back();
    } else {
      metrics.push_back(std::move(spare_.back()));
      spare_.pop_back();
    }
  }
  prometheus::ClientMetric& metric = metrics[used_++];
  metric.label.resize(labels.size());
  auto label = metric.label.begin();
  for (const LabelRef& ref : labels) {
    if (!IsSame(label->name, ref.name)) label->name.assign(ref.name);
    label->value.assign(ref.value);
    ++label;
  }
  return metric;
}

void Series::HandOn() {
  std::vector<prometheus::ClientMetric>& metrics = piece_.metric;
  while (metrics.size() > used_) {
    spare_.push_back(std::move(metrics.back()));
    metrics.pop_back();
  }
  consume_(piece_, first_);
  first_ = false;
  used_ = 0;
}

}  // namespace exporter
