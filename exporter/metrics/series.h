#pragma once
// The one family under construction. It owns a prometheus::MetricFamily and uses its series and
// strings again for the next family: rendering a thousand keys would otherwise spend most of its
// time in the allocator. One thread at a time.

#include <cstddef>
#include <initializer_list>
#include <span>
#include <string_view>
#include <vector>

#include <prometheus/metric_family.h>

namespace exporter {

struct LabelRef {
  std::string_view name;
  std::string_view value;
};

class Series {
 public:
  Series() : families_(1) {}

  void Begin(std::string_view name, std::string_view help, prometheus::MetricType type);

  // A gauge or counter. Callers give labels sorted by name, and series in the order of their
  // labels.
  void Add(std::span<const LabelRef> labels, double value);
  void Add(std::initializer_list<LabelRef> labels, double value) {
    Add(std::span(labels.begin(), labels.size()), value);
  }
  void AddHistogram(std::initializer_list<LabelRef> labels,
                    const prometheus::ClientMetric::Histogram& histogram);

  // Exactly one family, perhaps without series; valid until the next Begin.
  [[nodiscard]] const std::vector<prometheus::MetricFamily>& Finish();

 private:
  prometheus::ClientMetric& Next(std::span<const LabelRef> labels);

  std::vector<prometheus::MetricFamily> families_;
  std::vector<prometheus::ClientMetric> spare_;  // series that the present family does not need
  std::size_t used_ = 0;
};

}  // namespace exporter
