// Serves a fixed snapshot of N keys (55 series a key) as the exporter serves its own, to measure
// what a request of /metrics costs:
//
//   bench_fixture_server KEYS cached|fresh
//
// cached: the clock stands still, so that the body is rendered once. fresh: every request finds
// another second than the one before, so that each is built, written and compressed. Prints its
// port and ends with its standard input.

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

#include "exporter/metrics/exposition_cache.h"
#include "exporter/metrics/http_request_counters.h"
#include "exporter/web/routes.h"
#include "http/server.h"
#include "http/worker.h"
#include "scrape/snapshot_store.h"
#include "tests/bench/fixture.h"
#include "tests/metrics_fixture.h"

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const int keys = std::atoi(argv[1]);
  const bool fresh = std::string_view(argv[2]) == "fresh";

  scrape::SnapshotStore store;
  store.Publish(bench::Fixture55(keys));
  exporter::HttpRequestCounters requests;
  std::atomic<int> seconds = 0;
  const exporter::Clocks clocks{.system = [] { return test::kNow; },
                                .steady =
                                    [fresh, &seconds] {
                                      return test::kSteadyNow +
                                             std::chrono::seconds(fresh ? ++seconds : 0);
                                    }};
  exporter::ExpositionCache exposition(store, requests,
                                       {.options = {},
                                        .config = [] { return exporter::ConfigLoad{}; },
                                        .build = exporter::ThisBuild()},
                                       clocks);
  http::Worker worker;
  exporter::Routes routes({}, exposition, requests, store, worker, [] { return true; });
  http::ServerOptions options;
  options.listen_addresses = {"127.0.0.1:0"};
  const auto server = http::Server::Start(
      options, [&routes](const http::Request& request) { return routes.Handle(request); });
  if (!server) {
    std::cerr << server.error() << '\n';
    return 1;
  }
  std::cout << (*server)->Ports().front() << std::endl;
  std::cin.ignore();
  (*server)->Stop();
  worker.Stop();
  return 0;
}
