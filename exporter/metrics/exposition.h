#pragma once
// Families as the text a Prometheus reads, format 0.0.4. Label values and names must be valid
// UTF-8; they are escaped here, HELP too. Stateless: any thread.

#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include <prometheus/serializer.h>

namespace exporter {

inline constexpr std::string_view kTextContentType = "text/plain; version=0.0.4; charset=utf-8";

class TextSerializer : public prometheus::Serializer {
 public:
  using prometheus::Serializer::Serialize;
  void Serialize(std::ostream& out,
                 const std::vector<prometheus::MetricFamily>& families) const override;
  // The same at the end of a string. A family without series is left out.
  static void Append(std::string& out, const prometheus::MetricFamily& family);
};

// Integers up to 2^53 plainly, otherwise the shortest text that reads back as the same number;
// NaN, +Inf, -Inf.
[[nodiscard]] std::string FormatNumber(double value);

}  // namespace exporter
