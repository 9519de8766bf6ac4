#include "exporter/web/accept.h"

#include <doctest/doctest.h>

using exporter::AcceptsGzip;
using exporter::Format;
using exporter::PreferredFormat;

namespace {

// What Prometheus 2.42 and 3.5 send, and one that asks for protobuf alone.
constexpr const char* kPrometheus2 =
    "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;"
    "q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
constexpr const char* kPrometheus3 =
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
    "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;"
    "escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1";
constexpr const char* kProtobuf =
    "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited";

}  // namespace

TEST_CASE("gzip is sent to those who ask for it") {
  CHECK(AcceptsGzip("gzip"));
  CHECK(AcceptsGzip("deflate, gzip;q=0.5, br"));
  CHECK(AcceptsGzip("GZip"));
  CHECK(AcceptsGzip("x-gzip"));
  CHECK(AcceptsGzip("*"));
  CHECK(AcceptsGzip(" identity ;q=1 ,\tgzip ; q=0.001"));
}

TEST_CASE("gzip is not sent to those who do not, or refuse it") {
  CHECK_FALSE(AcceptsGzip(""));
  CHECK_FALSE(AcceptsGzip("identity"));
  CHECK_FALSE(AcceptsGzip("gzip;q=0"));
  CHECK_FALSE(AcceptsGzip("gzip;q=0.000, *"));
  CHECK_FALSE(AcceptsGzip("*;q=0"));
  CHECK_FALSE(AcceptsGzip("gzipped"));
  CHECK_FALSE(AcceptsGzip(",,;;,"));
}

TEST_CASE("OpenMetrics is for those who like it best") {
  for (const char* accept :
       {"application/openmetrics-text", "application/openmetrics-text; version=1.0.0",
        "application/openmetrics-text;version=\"1.0.0\";charset=utf-8", kPrometheus2, kPrometheus3,
        "text/plain;q=0.5, Application/OpenMetrics-Text;Q=0.6", "application/openmetrics-text, */*",
        "application/*", "application/*;q=0.5, text/*;q=0.4", "*/*, text/plain;q=0",
        "text/plain;q=0.9,application/openmetrics-text;q=nonsense"}) {
    CHECK_MESSAGE(PreferredFormat(accept) == Format::kOpenMetrics, accept);
  }
}

TEST_CASE("text is for everybody else") {
  for (const char* accept :
       {"", "*/*", "text/plain", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        "application/openmetrics-text;version=0.0.1", "application/openmetrics-text;version=2.0.0",
        "application/openmetrics-text;q=0", "application/openmetrics-text;q=0, */*",
        "text/plain;version=0.0.4, application/openmetrics-text;q=0.9", "text/plain, application/*",
        "image/png", ",;,=;q=", "application/openmetrics-textual",
        "application/openmetrics-text;version=1.0.0;q=0.2, text/*;q=0.3", kProtobuf}) {
    CHECK_MESSAGE(PreferredFormat(accept) == Format::kText, accept);
  }
}
