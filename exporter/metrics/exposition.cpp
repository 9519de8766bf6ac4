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

std::string_view TypeName(MetricType type, Format format) {
  switch (type) {
    case MetricType::Counter:
      return "counter";
    case MetricType::Gauge:
      return "gauge";
    case MetricType::Summary:
      return "summary";
    case MetricType::Histogram:
      return "histogram";
    case MetricType::Untyped:
      break;
  }
  return format == Format::kOpenMetrics ? "unknown" : "untyped";
}

// In OpenMetrics `_total` belongs to the series of a counter, not to its family.
std::string_view FamilyName(const MetricFamily& family, Format format) {
  constexpr std::string_view kTotal = "_total";
  std::string_view name = family.name;
  if (format == Format::kOpenMetrics && family.type == MetricType::Counter &&
      name.ends_with(kTotal)) {
    name.remove_suffix(kTotal.size());
  }
  return name;
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

// A bound as label: OpenMetrics wants "1.0" where the text format has "1".
void PutBound(TextBuffer& out, double bound, Format format) {
  const std::size_t from = out.size();
  out.PutNumber(bound);
  const bool plain = out.View().substr(from).find_first_not_of("-0123456789") == std::string::npos;
  if (format == Format::kOpenMetrics && plain) out.Put(".0");
}

// One line of a histogram or summary; `bound` becomes one more label.
struct Bound {
  std::string_view name = {};
  double value = 0;
  Format format = Format::kText;
};

template <typename Number>
void PutPart(TextBuffer& out, std::string_view name, std::string_view suffix, const Labels& labels,
             Number value, Bound bound = {}) {
  out.Reserve(MaxSize(name, labels));
  PutOpening(out, name, suffix, labels);
  if (!bound.name.empty()) {
    out.Put(labels.empty() ? '{' : ',');
    out.Put(bound.name);
    out.Put("=\"");
    PutBound(out, bound.value, bound.format);
    out.Put('"');
  }
  if (!labels.empty() || !bound.name.empty()) out.Put('}');
  out.Put(' ');
  out.PutNumber(value);
  out.Put('\n');
}

void PutHistogram(TextBuffer& out, std::string_view name, const ClientMetric& metric,
                  Format format) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const ClientMetric::Histogram& histogram = metric.histogram;
  for (const ClientMetric::Bucket& bucket : histogram.bucket) {
    PutPart(out, name, "_bucket", metric.label, bucket.cumulative_count,
            {"le", bucket.upper_bound, format});
  }
  if (histogram.bucket.empty() || histogram.bucket.back().upper_bound != kInfinity) {
    PutPart(out, name, "_bucket", metric.label, histogram.sample_count, {"le", kInfinity, format});
  }
  PutPart(out, name, "_sum", metric.label, histogram.sample_sum);
  PutPart(out, name, "_count", metric.label, histogram.sample_count);
}

void PutSummary(TextBuffer& out, std::string_view name, const ClientMetric& metric, Format format) {
  for (const ClientMetric::Quantile& quantile : metric.summary.quantile) {
    PutPart(out, name, "", metric.label, quantile.value, {"quantile", quantile.quantile, format});
  }
  PutPart(out, name, "_sum", metric.label, metric.summary.sample_sum);
  PutPart(out, name, "_count", metric.label, metric.summary.sample_count);
}

}  // namespace

std::string_view ContentTypeOf(Format format) {
  return format == Format::kOpenMetrics
             ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
             : "text/plain; version=0.0.4; charset=utf-8";
}

void TextSerializer::Serialize(std::ostream& out, const std::vector<MetricFamily>& families) const {
  TextBuffer text;
  for (const MetricFamily& family : families) {
    if (family.metric.empty()) continue;
    AppendHeader(text, family, format_);
    AppendSeries(text, family, format_);
  }
  AppendEnd(text, format_);
  out << text.View();
}

void TextSerializer::AppendHeader(TextBuffer& out, const MetricFamily& family, Format format) {
  const std::string_view name = FamilyName(family, format);
  out.Reserve(2 * (family.name.size() + family.help.size()) + 64);
  out.Put("# HELP ");
  out.Put(name);
  out.Put(' ');
  out.PutEscaped(family.help, format == Format::kOpenMetrics);
  out.Put("\n# TYPE ");
  out.Put(name);
  out.Put(' ');
  out.Put(TypeName(family.type, format));
  out.Put('\n');
}

void TextSerializer::AppendSeries(TextBuffer& out, const MetricFamily& family, Format format) {
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
        PutSummary(out, family.name, metric, format);
        break;
      case MetricType::Histogram:
        PutHistogram(out, family.name, metric, format);
        break;
    }
  }
}

void TextSerializer::AppendEnd(TextBuffer& out, Format format) {
  constexpr std::string_view kEnd = "# EOF\n";
  if (format != Format::kOpenMetrics) return;
  out.Reserve(kEnd.size());
  out.Put(kEnd);
}

}  // namespace exporter
