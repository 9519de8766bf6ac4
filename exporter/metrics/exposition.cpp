#include "exporter/metrics/exposition.h"

#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <ostream>

namespace exporter {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

constexpr std::size_t kMaxNumberSize = 32;
constexpr std::size_t kGrowth = std::size_t{16} * 1024;

// Writes at the end of a string whose size runs ahead of what is written, so that a series costs
// one look at the capacity and no zeroing; the destructor cuts the string to what was written.
class Tail {
 public:
  explicit Tail(std::string& out) : out_(out), used_(out.size()) {}
  ~Tail() { out_.resize(used_); }
  Tail(const Tail&) = delete;
  Tail& operator=(const Tail&) = delete;
  Tail(Tail&&) = delete;
  Tail& operator=(Tail&&) = delete;

  // Room for so many bytes of Put.
  void Reserve(std::size_t size) {
    if (out_.size() - used_ < size) out_.resize(used_ + used_ / 2 + size + kGrowth);
  }
  void Put(char c) { out_[used_++] = c; }
  void Put(std::string_view text) {
    std::memcpy(out_.data() + used_, text.data(), text.size());
    used_ += text.size();
  }
  // At most twice the size of `text`.
  void PutEscaped(std::string_view text, bool quotes) {
    char* to = out_.data() + used_;
    for (const char c : text) {
      if (c == '\\' || (quotes && c == '"')) {
        *to++ = '\\';
        *to++ = c;
      } else if (c == '\n') {
        *to++ = '\\';
        *to++ = 'n';
      } else {
        *to++ = c;
      }
    }
    used_ = static_cast<std::size_t>(to - out_.data());
  }
  // At most kMaxNumberSize bytes.
  void PutNumber(double value) {
    if (std::isnan(value)) return Put("NaN");
    if (std::isinf(value)) return Put(value > 0 ? "+Inf" : "-Inf");
    constexpr double kMaxExactInteger = 9007199254740992.0;  // 2^53
    char* const begin = out_.data() + used_;
    char* const end = begin + kMaxNumberSize;
    const bool integer = std::abs(value) <= kMaxExactInteger && value == std::trunc(value);
    const std::to_chars_result result =
        integer ? std::to_chars(begin, end, static_cast<std::int64_t>(value))
                : std::to_chars(begin, end, value);
    used_ += static_cast<std::size_t>(result.ptr - begin);
  }
  void PutNumber(std::uint64_t value) {
    char* const begin = out_.data() + used_;
    used_ +=
        static_cast<std::size_t>(std::to_chars(begin, begin + kMaxNumberSize, value).ptr - begin);
  }

 private:
  std::string& out_;
  std::size_t used_;
};

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

// `name` or `name{label="value"} `, up to the space before the number. `bound` becomes the label
// `name_of_bound`: "le" or "quantile".
void PutSeries(Tail& out, std::string_view name, std::string_view suffix,
               const std::vector<ClientMetric::Label>& labels, std::string_view name_of_bound = {},
               double bound = 0) {
  std::size_t size = name.size() + suffix.size() + name_of_bound.size() + 2 * kMaxNumberSize + 8;
  for (const ClientMetric::Label& label : labels) {
    size += label.name.size() + 2 * label.value.size() + 4;
  }
  out.Reserve(size);
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
  if (!name_of_bound.empty()) {
    out.Put(separator);
    out.Put(name_of_bound);
    out.Put("=\"");
    out.PutNumber(bound);
    out.Put('"');
    separator = ',';
  }
  if (separator == ',') out.Put('}');
  out.Put(' ');
}

template <typename Number>
void PutSample(Tail& out, std::string_view name, std::string_view suffix,
               const std::vector<ClientMetric::Label>& labels, Number value) {
  PutSeries(out, name, suffix, labels);
  out.PutNumber(value);
  out.Put('\n');
}

void PutHistogram(Tail& out, std::string_view name, const ClientMetric& metric) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const ClientMetric::Histogram& histogram = metric.histogram;
  const auto put_bucket = [&](double bound, std::uint64_t count) {
    PutSeries(out, name, "_bucket", metric.label, "le", bound);
    out.PutNumber(count);
    out.Put('\n');
  };
  for (const ClientMetric::Bucket& bucket : histogram.bucket) {
    put_bucket(bucket.upper_bound, bucket.cumulative_count);
  }
  if (histogram.bucket.empty() || histogram.bucket.back().upper_bound != kInfinity) {
    put_bucket(kInfinity, histogram.sample_count);
  }
  PutSample(out, name, "_sum", metric.label, histogram.sample_sum);
  PutSample(out, name, "_count", metric.label, histogram.sample_count);
}

void PutSummary(Tail& out, std::string_view name, const ClientMetric& metric) {
  for (const ClientMetric::Quantile& quantile : metric.summary.quantile) {
    PutSeries(out, name, "", metric.label, "quantile", quantile.quantile);
    out.PutNumber(quantile.value);
    out.Put('\n');
  }
  PutSample(out, name, "_sum", metric.label, metric.summary.sample_sum);
  PutSample(out, name, "_count", metric.label, metric.summary.sample_count);
}

void PutHeader(Tail& out, const MetricFamily& family) {
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

}  // namespace

void TextSerializer::Serialize(std::ostream& out, const std::vector<MetricFamily>& families) const {
  std::string text;
  for (const MetricFamily& family : families) Append(text, family);
  out.write(text.data(), static_cast<std::streamsize>(text.size()));
}

void TextSerializer::Append(std::string& out, const MetricFamily& family) {
  if (family.metric.empty()) return;
  Tail tail(out);
  PutHeader(tail, family);
  for (const ClientMetric& metric : family.metric) {
    switch (family.type) {
      case MetricType::Counter:
        PutSample(tail, family.name, "", metric.label, metric.counter.value);
        break;
      case MetricType::Gauge:
        PutSample(tail, family.name, "", metric.label, metric.gauge.value);
        break;
      case MetricType::Untyped:
        PutSample(tail, family.name, "", metric.label, metric.untyped.value);
        break;
      case MetricType::Summary:
        PutSummary(tail, family.name, metric);
        break;
      case MetricType::Histogram:
        PutHistogram(tail, family.name, metric);
        break;
    }
  }
}

std::string FormatNumber(double value) {
  std::string text;
  {
    Tail tail(text);
    tail.Reserve(kMaxNumberSize);
    tail.PutNumber(value);
  }
  return text;
}

}  // namespace exporter
