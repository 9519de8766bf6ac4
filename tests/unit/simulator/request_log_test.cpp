#include "simulator/request_log.h"

#include <doctest/doctest.h>

#include <string>

using simulator::RequestLog;
using simulator::RequestRecord;
using simulator::TimePoint;
using std::chrono::seconds;

namespace {

constexpr TimePoint kStart{std::chrono::hours(1)};

RequestRecord At(TimePoint time, std::string path) {
  RequestRecord record;
  record.time = time;
  record.path = std::move(path);
  return record;
}

}  // namespace

TEST_CASE("the newest records are kept, up to the capacity") {
  RequestLog log(2);
  for (const char* path : {"/1", "/2", "/3"}) log.Add(At(kStart, path), kStart);
  REQUIRE(log.Records().size() == 2);
  CHECK(log.Records()[0].path == "/2");
  log.Clear();
  CHECK(log.Records().empty());
}

TEST_CASE("the peak counts requests that wait at one time") {
  RequestLog log(10);
  log.Add(At(kStart, "/1"), kStart + seconds(10));
  log.Add(At(kStart + seconds(1), "/2"), kStart + seconds(2));
  log.Add(At(kStart + seconds(3), "/3"), kStart + seconds(4));
  CHECK(log.PeakConcurrency() == 2);
  log.Add(At(kStart + seconds(20), "/4"), kStart + seconds(21));
  CHECK(log.PeakConcurrency() == 2);
}

TEST_CASE("a record's headers are found whatever their case") {
  RequestRecord record;
  record.headers = {{"Accept-Encoding", "gzip"}};
  CHECK(record.Header("accept-encoding") == "gzip");
  CHECK_FALSE(record.Header("x").has_value());
}
