#include "exporter/metrics/exposition.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <ostream>
#include <span>

#include "exporter/metrics/short_text.h"
#include "exporter/metrics/text_buffer.h"

namespace exporter {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Labels = std::vector<ClientMetric::Label>;

std::string_view TypeName(MetricType type) {
  switch (type) {
    case MetricType::Counter:
      return "counter";
    case MetricType::Gauge:
      return "gauge";
    case MetricType::Summary:
      return "summary";
    case MetricType::Untyped:
      return "untyped";
    case MetricType::Histogram:
      return "histogram";
  }
  return "untyped";
}

// Of `name{labels} number\n`, the number and whatever else is added in short included.
std::size_t MaxSize(std::string_view name, const Labels& labels) {
  std::size_t size = name.size() + 3 * TextBuffer::kMaxNumberSize;
  for (const ClientMetric::Label& label : labels) {
    size += label.name.size() + 2 * label.value.size() + 4;
  }
  return size;
}

// `name{a="x",b="y"`, or `name` without labels.
void PutOpening(TextBuffer& out, std::string_view name, std::string_view suffix,
                std::span<const ClientMetric::Label> labels) {
  out.Put(name);
  out.Put(suffix);
  char separator = '{';
  for (const ClientMetric::Label& label : labels) {
    out.Put(separator);
    out.Put(label.name);
    out.Put("=\"");
    out.PutEscaped(label.value, true);
    out.Put('"');
    separator = ',';
  }
}

// Series with one number each. Neighbours differ most often in the value of the last label only:
// what stands before it is then copied from the line before.
class PlainSeries {
 public:
  PlainSeries(TextBuffer& out, std::string_view name) : out_(out), name_(name) {}

  void Put(const Labels& labels, double value) {
    if (labels.empty()) {
      out_.Reserve(MaxSize(name_, labels));
      out_.Put(name_);
    } else {
      PutLabels(labels);
    }
    out_.Put(' ');
    out_.PutNumber(value);
    out_.Put('\n');
  }

 private:
  void PutLabels(const Labels& labels) {
    const ClientMetric::Label& last = labels.back();
    if (IsLikeBefore(labels)) {
      out_.Reserve(prefix_size_ + 2 * last.value.size() + 2 * TextBuffer::kMaxNumberSize);
      out_.PutAgain(prefix_at_, prefix_size_);
    } else {
      out_.Reserve(MaxSize(name_, labels));
      prefix_at_ = out_.size();
      PutOpening(out_, name_, "", std::span(labels).first(labels.size() - 1));
      out_.Put(labels.size() == 1 ? '{' : ',');
      out_.Put(last.name);
      out_.Put("=\"");
      prefix_size_ = out_.size() - prefix_at_;
    }
    out_.PutEscaped(last.value, true);
    out_.Put("\"}");
    before_ = &labels;
  }

  [[nodiscard]] bool IsLikeBefore(const Labels& labels) const {
    if (before_ == nullptr || before_->size() != labels.size()) return false;
    auto before = before_->begin();
    for (const ClientMetric::Label& label : labels) {
      const bool last = &label == &labels.back();
      if (!IsSame(label.name, before->name)) return false;
      if (!last && !IsSame(label.value, before->value)) return false;
      ++before;
    }
    return true;
  }

  TextBuffer& out_;
  std::string_view name_;
  const Labels* before_ = nullptr;
  std::size_t prefix_at_ = 0;
  std::size_t prefix_size_ = 0;
};

// One line of a histogram or summary; `bound` becomes one more label.
template <typename Number>
void PutPart(TextBuffer& out, std::string_view name, std::string_view suffix, const Labels& labels,
             Number value, std::string_view name_of_bound = {}, double bound = 0) {
  out.Reserve(MaxSize(name, labels));
  PutOpening(out, name, suffix, labels);
  if (!name_of_bound.empty()) {
    out.Put(labels.empty() ? '{' : ',');
    out.Put(name_of_bound);
    out.Put("=\"");
    out.PutNumber(bound);
    out.Put('"');
  }
  if (!labels.empty() || !name_of_bound.empty()) out.Put('}');
  out.Put(' ');
  out.PutNumber(value);
  out.Put('\n');
}

void PutHistogram(TextBuffer& out, std::string_view name, const ClientMetric& metric) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const ClientMetric::Histogram& histogram = metric.histogram;
  for (const ClientMetric::Bucket& bucket : histogram.bucket) {
    PutPart(out, name, "_bucket", metric.label, bucket.cumulative_count, "le", bucket.upper_bound);
  }
  if (histogram.bucket.empty() || histogram.bucket.back().upper_bound != kInfinity) {
    PutPart(out, name, "_bucket", metric.label, histogram.sample_count, "le", kInfinity);
  }
  PutPart(out, name, "_sum", metric.label, histogram.sample_sum);
  PutPart(out, name, "_count", metric.label, histogram.sample_count);
}

void PutSummary(TextBuffer& out, std::string_view name, const ClientMetric& metric) {
  for (const ClientMetric::Quantile& quantile : metric.summary.quantile) {
    PutPart(out, name, "", metric.label, quantile.value, "quantile", quantile.quantile);
  }
  PutPart(out, name, "_sum", metric.label, metric.summary.sample_sum);
  PutPart(out, name, "_count", metric.label, metric.summary.sample_count);
}

}  // namespace

void TextSerializer::Serialize(std::ostream& out, const std::vector<MetricFamily>& families) const {
  TextBuffer text;
  for (const MetricFamily& family : families) {
    if (family.metric.empty()) continue;
    AppendHeader(text, family);
    AppendSeries(text, family);
  }
  out << text.View();
}

void TextSerializer::AppendHeader(TextBuffer& out, const MetricFamily& family) {
  out.Reserve(2 * (family.name.size() + family.help.size()) + 64);
  out.Put("# HELP ");
  out.Put(family.name);
  out.Put(' ');
  out.PutEscaped(family.help, false);
  out.Put("\n# TYPE ");
  out.Put(family.name);
  out.Put(' ');
  out.Put(TypeName(family.type));
  out.Put('\n');
}

void TextSerializer::AppendSeries(TextBuffer& out, const MetricFamily& family) {
  PlainSeries plain(out, family.name);
  for (const ClientMetric& metric : family.metric) {
    switch (family.type) {
      case MetricType::Counter:
        plain.Put(metric.label, metric.counter.value);
        break;
      case MetricType::Gauge:
        plain.Put(metric.label, metric.gauge.value);
        break;
      case MetricType::Untyped:
        plain.Put(metric.label, metric.untyped.value);
        break;
      case MetricType::Summary:
        PutSummary(out, family.name, metric);
        break;
      case MetricType::Histogram:
        PutHistogram(out, family.name, metric);
        break;
    }
  }
}

}  // namespace exporter
