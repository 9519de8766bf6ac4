#pragma once
// Families as the text a Prometheus reads, format 0.0.4. Label values and names must be valid
// UTF-8; they are escaped here, HELP too. Stateless: any thread.

#include <iosfwd>
#include <string_view>
#include <vector>

#include <prometheus/serializer.h>

#include "exporter/metrics/text_buffer.h"

namespace exporter {

inline constexpr std::string_view kTextContentType = "text/plain; version=0.0.4; charset=utf-8";

class TextSerializer : public prometheus::Serializer {
 public:
  using prometheus::Serializer::Serialize;
  void Serialize(std::ostream& out,
                 const std::vector<prometheus::MetricFamily>& families) const override;
  // The two parts of a family. One may come in several pieces: a header, then the series of each.
  static void AppendHeader(TextBuffer& out, const prometheus::MetricFamily& family);
  static void AppendSeries(TextBuffer& out, const prometheus::MetricFamily& family);
};

}  // namespace exporter
