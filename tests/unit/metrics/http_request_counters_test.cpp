#include "exporter/metrics/http_request_counters.h"

#include <doctest/doctest.h>

#include <thread>
#include <vector>

using exporter::HttpRequestCounters;

TEST_CASE("requests are counted by handler and code, sorted by code, then handler") {
  HttpRequestCounters counters;
  CHECK(counters.Get().empty());
  counters.Count("other", 404);
  counters.Count("/metrics", 200);
  counters.Count("/-/healthy", 200);
  counters.Count("/metrics", 200);
  const auto counts = counters.Get();
  REQUIRE(counts.size() == 3);
  CHECK(counts[0].handler == "/-/healthy");
  CHECK(counts[1].handler == "/metrics");
  CHECK(counts[1].code == 200);
  CHECK(counts[1].requests == 2);
  CHECK(counts[2].code == 404);
}

TEST_CASE("no request is lost between threads") {
  HttpRequestCounters counters;
  {
    std::vector<std::jthread> threads;
    threads.reserve(4);
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int n = 0; n < 1000; ++n) counters.Count("/metrics", 200);
      });
    }
  }
  CHECK(counters.Get().front().requests == 4000);
}
