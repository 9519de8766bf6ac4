#include "exporter/web/accept_encoding.h"

#include <doctest/doctest.h>

using exporter::AcceptsGzip;

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
