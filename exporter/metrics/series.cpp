#include "exporter/metrics/series.h"

#include <utility>

namespace exporter {

void Series::Begin(std::string_view name, std::string_view help, prometheus::MetricType type) {
  prometheus::MetricFamily& family = families_.front();
  family.name.assign(name);
  family.help.assign(help);
  family.type = type;
  used_ = 0;
}

void Series::Add(std::span<const LabelRef> labels, double value) {
  prometheus::ClientMetric& metric = Next(labels);
  if (families_.front().type == prometheus::MetricType::Counter) {
    metric.counter.value = value;
  } else {
    metric.gauge.value = value;
  }
}

void Series::AddHistogram(std::initializer_list<LabelRef> labels,
                          const prometheus::ClientMetric::Histogram& histogram) {
  Next(std::span(labels.begin(), labels.size())).histogram = histogram;
}

prometheus::ClientMetric& Series::Next(std::span<const LabelRef> labels) {
  std::vector<prometheus::ClientMetric>& metrics = families_.front().metric;
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
  for (std::size_t i = 0; i < labels.size(); ++i) {
    metric.label[i].name.assign(labels[i].name);
    metric.label[i].value.assign(labels[i].value);
  }
  return metric;
}

const std::vector<prometheus::MetricFamily>& Series::Finish() {
  std::vector<prometheus::ClientMetric>& metrics = families_.front().metric;
  while (metrics.size() > used_) {
    spare_.push_back(std::move(metrics.back()));
    metrics.pop_back();
  }
  return families_;
}

}  // namespace exporter
