// The exporter's scraper with all it does - schedule, requests, decoding, records, publishing - for
// N requests, to be compared with programs that only send them:
//
//   bench_scraper BASE_URL CA_FILE REQUESTS CONCURRENCY PER_SECOND
//
// As many keys as it takes for the first round of their three collectors to be N requests.
// PER_SECOND 0: as fast as CONCURRENCY requests at a time allow. Exit 1 when an answer is not
// decoded.

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <numeric>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "scrape/scraper.h"
#include "scrape/snapshot_store.h"
#include "tests/read_text.h"

namespace {

constexpr int kUnlimited = 1'000'000;

std::vector<std::shared_ptr<const scrape::ApiKey>> Keys(int count, const std::string& base_url,
                                                        const std::string& ca_file) {
  scrape::Connection trusting;
  trusting.authorities = std::make_shared<const std::string>(test::ReadText(ca_file));
  const auto connection = std::make_shared<const scrape::Connection>(std::move(trusting));
  std::vector<std::shared_ptr<const scrape::ApiKey>> keys;
  for (int i = 0; i < count; ++i) {
    auto key = std::make_shared<scrape::ApiKey>();
    const std::string number = std::to_string(100'000 + i);
    key->name = "customer-" + number;
    key->secret = scrape::Secret("00000000000000000000000000" + number);
    key->base_url = base_url;
    key->connection = connection;
    // The second round is not to begin within the run.
    key->scrape_interval = key->info_interval = std::chrono::hours(24);
    keys.push_back(std::move(key));
  }
  return keys;
}

std::uint64_t Answered(const scrape::Snapshot& snapshot) {
  std::uint64_t answered = 0;
  for (const scrape::ClientCounters& counters : snapshot.client) {
    answered = std::accumulate(counters.duration_buckets.begin(), counters.duration_buckets.end(),
                               answered);
  }
  return answered;
}

std::uint64_t Failed(const scrape::Snapshot& snapshot) {
  std::uint64_t failed = 0;
  for (const scrape::ClientCounters& counters : snapshot.client) {
    failed = std::accumulate(counters.failures.begin(), counters.failures.end(), failed);
  }
  return failed;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) return 2;
  const int requests = std::atoi(argv[3]);
  const int per_second = std::atoi(argv[5]);
  scrape::ScrapeOptions options;
  options.max_concurrent_requests = std::atoi(argv[4]);
  options.max_requests_per_second = per_second == 0 ? kUnlimited : per_second;
  options.max_rejected_requests_per_hour = kUnlimited;
  options.user_agent = "bench";
  // Requests start in slots of 50 ms; without a pace those are not to be what is waited for.
  if (per_second == 0) options.time_scale = 50;

  scrape::SnapshotStore store;
  scrape::Scraper scraper(Keys((requests + 2) / 3, argv[1], argv[2]), options, store);
  scraper.Start();
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(2);
  while (Answered(*store.Get()) < static_cast<std::uint64_t>(requests)) {
    if (std::chrono::steady_clock::now() > deadline) {
      std::cerr << "only " << Answered(*store.Get()) << " answers\n";
      return 1;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(50));  // polls until the deadline
  }
  scraper.Stop();
  const std::uint64_t failed = Failed(*store.Get());
  if (failed > 0) std::cerr << failed << " bad answers\n";
  return failed > 0 ? 1 : 0;
}
