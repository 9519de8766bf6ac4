#include "exporter/metrics/gzip.h"

#include <doctest/doctest.h>
#include <zlib.h>

#include <random>
#include <string>

namespace {

// By zlib, which is not what wrote it. Empty when it is not exactly one whole gzip member.
std::string Unzip(const std::string& compressed) {
  z_stream stream{};
  REQUIRE(inflateInit2(&stream, 16 + MAX_WBITS) == Z_OK);
  std::string text(std::size_t{64} * 1024 * 1024, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data()));
  stream.avail_in = static_cast<uInt>(compressed.size());
  stream.next_out = reinterpret_cast<Bytef*>(text.data());
  stream.avail_out = static_cast<uInt>(text.size());
  const int result = inflate(&stream, Z_FINISH);
  text.resize(stream.total_out);
  const bool whole = result == Z_STREAM_END && stream.avail_in == 0;
  inflateEnd(&stream);
  return whole ? text : std::string("not one whole gzip member");
}

}  // namespace

TEST_CASE("what is compressed in pieces is one gzip member with the same text") {
  std::mt19937 random(20260102);  // NOLINT(bugprone-random-generator-seed): repeatable
  std::string text;
  while (text.size() < 5'000'000) {
    text += "mdcloud_quota_used{api=\"prevention\",key=\"k" + std::to_string(random()) + "\"} 1\n";
  }
  for (const std::size_t piece : {std::size_t{777}, std::size_t{100'000}, text.size()}) {
    std::string compressed;
    exporter::GzipWriter gzip(compressed);
    for (std::size_t at = 0; at < text.size(); at += piece) {
      gzip.Write(std::string_view(text).substr(at, piece));
    }
    gzip.Finish();
    CHECK(compressed.size() < text.size() / 3);
    CHECK(Unzip(compressed) == text);
  }
}

TEST_CASE("nothing compresses to an empty gzip member") {
  std::string compressed;
  exporter::GzipWriter gzip(compressed);
  gzip.Write("");
  gzip.Finish();
  CHECK(Unzip(compressed).empty());
}

TEST_CASE("incompressible bytes survive") {
  std::mt19937 random(20260102);  // NOLINT(bugprone-random-generator-seed): repeatable
  std::string text(1'000'000, '\0');
  for (char& c : text) c = static_cast<char>(random());
  std::string compressed;
  exporter::GzipWriter gzip(compressed);
  gzip.Write(text);
  gzip.Finish();
  CHECK(Unzip(compressed) == text);
}
