#pragma once
// Families as the text a Prometheus reads, in two formats: text 0.0.4 and OpenMetrics 1.0. Label
// values and names must be valid UTF-8; they are escaped here, HELP too. Stateless: any thread.

#include <iosfwd>
#include <string_view>
#include <vector>

#include <prometheus/serializer.h>

#include "exporter/metrics/text_buffer.h"

namespace exporter {

enum class Format { kText, kOpenMetrics };
inline constexpr std::size_t kFormatCount = 2;

// Of an HTTP answer.
[[nodiscard]] std::string_view ContentTypeOf(Format format);

class TextSerializer : public prometheus::Serializer {
 public:
  explicit TextSerializer(Format format = Format::kText) : format_(format) {}

  using prometheus::Serializer::Serialize;
  void Serialize(std::ostream& out,
                 const std::vector<prometheus::MetricFamily>& families) const override;
  // The two parts of a family. One may come in several pieces: a header, then the series of each.
  static void AppendHeader(TextBuffer& out, const prometheus::MetricFamily& family, Format format);
  static void AppendSeries(TextBuffer& out, const prometheus::MetricFamily& family, Format format);
  // What stands behind the last family: without it a reader of OpenMetrics takes the text for cut.
  static void AppendEnd(TextBuffer& out, Format format);

 private:
  Format format_;
};

}  // namespace exporter
