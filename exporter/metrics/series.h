#pragma once
// Where the builders of metrics put their series. What they add is handed on in pieces of a family,
// prometheus::MetricFamily each, whose memory is used again for the next piece: an exposition of
// any number of keys needs the memory of one piece, which stays in the processor's cache, and no
// allocations per series. One thread at a time.

#include <cstddef>
#include <functional>
#include <initializer_list>
#include <span>
#include <string_view>
#include <vector>

#include <prometheus/metric_family.h>

namespace exporter {

// A family with some of its series, never none; good during the call only. `first`: the pieces
// before it, if any, belonged to another family.
using FamilyConsumer = std::function<void(const prometheus::MetricFamily& piece, bool first)>;

struct LabelRef {
  std::string_view name;
  std::string_view value;
};

class Series {
 public:
  explicit Series(FamilyConsumer consume);

  void Begin(std::string_view name, std::string_view help, prometheus::MetricType type);
  // A gauge or counter. Callers give labels sorted by name, and series in the order of their
  // labels.
  void Add(std::span<const LabelRef> labels, double value);
  void Add(std::initializer_list<LabelRef> labels, double value) {
    Add(std::span(labels.begin(), labels.size()), value);
  }
  void AddHistogram(std::initializer_list<LabelRef> labels,
                    const prometheus::ClientMetric::Histogram& histogram);
  // A family without series is never handed on.
  void End();

 private:
  prometheus::ClientMetric& Next(std::span<const LabelRef> labels);
  void HandOn();

  FamilyConsumer consume_;
  prometheus::MetricFamily piece_;
  std::size_t used_ = 0;  // of piece_.metric
  bool first_ = true;
  std::vector<prometheus::ClientMetric> spare_;  // what a shorter piece does not need
};

}  // namespace exporter
