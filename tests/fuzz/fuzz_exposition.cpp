// Families of any texts and numbers, written and read back by the strict reader of the tests.

#include <prometheus/metric_family.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "exporter/metrics/exposition.h"
#include "exporter/metrics/text_buffer.h"
#include "tests/exposition_checker.h"
#include "tests/fuzz/property.h"

using fuzz::Expect;
using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

namespace {

// Takes pieces off the front of the input; at its end everything is 0 or empty.
class Bytes {
 public:
  explicit Bytes(std::string_view rest) : rest_(rest) {}

  [[nodiscard]] bool AtEnd() const { return rest_.empty(); }
  std::uint8_t Byte() { return rest_.empty() ? 0 : static_cast<std::uint8_t>(Take(1)[0]); }
  // Up to 255 bytes, as a byte before them says.
  std::string_view Text() { return Take(Byte()); }
  double Number() {
    double number = 0;
    const std::string_view bytes = Take(sizeof number);
    std::memcpy(&number, bytes.data(), bytes.size());
    return number;
  }

 private:
  std::string_view Take(std::size_t size) {
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(taken.size());
    return taken;
  }

  std::string_view rest_;
};

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Buckets whose counts never fall, the last one without a bound.
ClientMetric::Histogram HistogramOf(Bytes& bytes) {
  ClientMetric::Histogram histogram;
  double bound = -1;
  for (unsigned left = bytes.Byte() % 4; left > 0; --left) {
    bound += 0.25 * (1 + bytes.Byte());
    histogram.sample_count += bytes.Byte();
    histogram.bucket.push_back({histogram.sample_count, bound});
  }
  histogram.sample_count += bytes.Byte();
  histogram.bucket.push_back({histogram.sample_count, kInfinity});
  histogram.sample_sum = bytes.Number();
  return histogram;
}

// Sorted and no series twice, as the builders of metrics give them.
MetricFamily FamilyOf(Bytes& bytes) {
  constexpr std::array kTypes = {MetricType::Gauge, MetricType::Counter, MetricType::Histogram};
  MetricFamily family;
  family.type = kTypes.at(bytes.Byte() % kTypes.size());
  family.name = family.type == MetricType::Counter ? "fuzz_total" : "fuzz";
  family.help = bytes.Text();
  const std::size_t label_count = bytes.Byte() % 4;
  do {
    ClientMetric metric;
    for (std::size_t i = 0; i < label_count; ++i) {
      metric.label.push_back({std::string(1, static_cast<char>('a' + i)), ""});
      metric.label.back().value = bytes.Text();
    }
    if (family.type == MetricType::Histogram) {
      metric.histogram = HistogramOf(bytes);
    } else {
      const double number = bytes.Number();
      metric.gauge.value = number;
      metric.counter.value = number >= 0 ? number : 0;
    }
    family.metric.push_back(std::move(metric));
  } while (!bytes.AtEnd());
  const auto before = [](const ClientMetric& a, const ClientMetric& b) {
    return a.label < b.label;
  };
  const auto same = [](const ClientMetric& a, const ClientMetric& b) { return a.label == b.label; };
  std::ranges::stable_sort(family.metric, before);
  family.metric.erase(std::unique(family.metric.begin(), family.metric.end(), same),
                      family.metric.end());
  return family;
}

// What the reader demands of texts and the writer takes as given.
bool IsReadable(const MetricFamily& family) {
  const auto readable = [](const std::string& text) {
    return test::IsValidUtf8(text) && text.find('\r') == std::string::npos;
  };
  return !family.help.empty() && readable(family.help) &&
         std::ranges::all_of(family.metric, [&](const ClientMetric& metric) {
           return std::ranges::all_of(metric.label,
                                      [&](const auto& label) { return readable(label.value); });
         });
}

bool IsSame(double a, double b) {
  return (std::isnan(a) && std::isnan(b)) || a == b;  // what sign a zero has is not told
}

test::Labels LabelsOf(const ClientMetric& metric) {
  test::Labels labels;
  for (const auto& [name, value] : metric.label) labels.emplace_back(name, value);
  return labels;
}

// The samples in the order in which they are to be written, without their names.
std::vector<std::pair<test::Labels, double>> SamplesOf(const MetricFamily& family) {
  std::vector<std::pair<test::Labels, double>> samples;
  for (const ClientMetric& metric : family.metric) {
    const test::Labels labels = LabelsOf(metric);
    if (family.type == MetricType::Gauge) samples.emplace_back(labels, metric.gauge.value);
    if (family.type == MetricType::Counter) samples.emplace_back(labels, metric.counter.value);
    if (family.type != MetricType::Histogram) continue;
    for (const ClientMetric::Bucket& bucket : metric.histogram.bucket) {
      samples.emplace_back(labels, static_cast<double>(bucket.cumulative_count));
    }
    samples.emplace_back(labels, metric.histogram.sample_sum);
    samples.emplace_back(labels, static_cast<double>(metric.histogram.sample_count));
  }
  return samples;
}

void CheckRoundTrip(const MetricFamily& family, std::string_view text) {
  const test::Exposition read = test::CheckExposition(text);
  Expect(read.problems.empty(), read.Problems().c_str());
  Expect(read.families.size() == 1, "one family is read");
  Expect(read.families[0].name == family.name, "the name is read as it was written");
  Expect(read.families[0].help == family.help, "the help is read as it was written");
  const auto wanted = SamplesOf(family);
  const std::vector<test::Sample>& samples = read.families[0].samples;
  Expect(samples.size() == wanted.size(), "every sample is read");
  for (std::size_t i = 0; i < samples.size(); ++i) {
    test::Labels labels = samples[i].labels;
    if (!labels.empty() && labels.back().first == "le") labels.pop_back();
    Expect(labels == wanted[i].first, "labels are read as they were written");
    Expect(IsSame(samples[i].value, wanted[i].second), "a number is read as it was written");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Bytes bytes(fuzz::TextOf(data, size));
  const MetricFamily family = FamilyOf(bytes);
  exporter::TextBuffer text;
  exporter::TextSerializer::AppendHeader(text, family, exporter::Format::kText);
  exporter::TextSerializer::AppendSeries(text, family, exporter::Format::kText);
  if (IsReadable(family)) CheckRoundTrip(family, text.View());
  return 0;
}
