#include "exporter/metrics/exposition_cache.h"

#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/exposition_checker.h"
#include "tests/metrics_fixture.h"

using exporter::Encoding;
using exporter::ExpositionCache;
using exporter::Format;
using namespace std::chrono_literals;

namespace {

struct Setup {
  scrape::SnapshotStore store;
  exporter::HttpRequestCounters requests;
  std::atomic<std::chrono::milliseconds> passed{0ms};
  ExpositionCache cache{store,
                        requests,
                        {},
                        {[this] { return test::kNow + passed.load(); },
                         [this] { return test::kSteadyNow + passed.load(); }}};

  void Publish(int keys) {
    auto snapshot = std::make_shared<scrape::Snapshot>();
    for (int i = 0; i < keys; ++i) {
      snapshot->keys.push_back(test::FullKey("key" + std::to_string(10000 + i)));
    }
    store.Publish(std::move(snapshot));
  }
};

}  // namespace

TEST_CASE("scrapers of the same second share one body, those of the next get a new one") {
  Setup setup;
  setup.Publish(1);
  const auto first = setup.cache.Get({Encoding::kIdentity});
  CHECK(test::CheckExposition(*first).Problems() == "");
  setup.Publish(2);
  setup.passed = 999ms;
  CHECK(setup.cache.Get({Encoding::kIdentity}) == first);
  setup.passed = 1000ms;
  const auto second = setup.cache.Get({Encoding::kIdentity});
  CHECK(second != first);
  CHECK(test::CheckExposition(*second).Value("mdcloud_exporter_configured_keys", {}) == 2);
  CHECK(test::CheckExposition(*first).Value("mdcloud_exporter_configured_keys", {}) == 1);
}

TEST_CASE("each encoding and each format has a body of its own") {
  Setup setup;
  setup.Publish(1);
  const auto identity = setup.cache.Get({Encoding::kIdentity});
  const auto gzip = setup.cache.Get({Encoding::kGzip});
  CHECK(identity->starts_with("# HELP "));
  CHECK(gzip->starts_with("\x1f\x8b"));
  CHECK(gzip->size() < identity->size());
  const auto open = setup.cache.Get({Encoding::kIdentity, Format::kOpenMetrics});
  const auto open_gzip = setup.cache.Get({Encoding::kGzip, Format::kOpenMetrics});
  CHECK(open->ends_with("# EOF\n"));
  CHECK(open_gzip != gzip);
  CHECK(setup.cache.Get({Encoding::kIdentity, Format::kOpenMetrics}) == open);
  CHECK(setup.cache.Get({Encoding::kGzip}) == gzip);
  CHECK(setup.cache.Get({Encoding::kIdentity}) == identity);
}

TEST_CASE("an uncompressed body above 4 MiB is not kept, the compressed one is") {
  Setup setup;
  setup.Publish(1500);
  std::weak_ptr<const std::string> identity;
  {
    const auto body = setup.cache.Get({Encoding::kIdentity});
    REQUIRE(body->size() > ExpositionCache::kMaxKeptIdentityBytes);
    identity = body;
  }
  CHECK(identity.expired());
  const std::weak_ptr<const std::string> gzip = setup.cache.Get({Encoding::kGzip});
  CHECK_FALSE(gzip.expired());
}

TEST_CASE("an empty store is rendered too") {
  Setup setup;
  CHECK(test::CheckExposition(*setup.cache.Get({Encoding::kIdentity})).Problems() == "");
}

TEST_CASE("threads that ask at once get the same body") {
  Setup setup;
  setup.Publish(100);
  scrape::Mutex mutex;
  std::set<const std::string*> bodies;
  std::vector<std::shared_ptr<const std::string>> kept;
  {
    std::vector<std::jthread> threads;
    threads.reserve(8);
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        auto body = setup.cache.Get({Encoding::kGzip});
        const scrape::MutexLock lock(mutex);
        bodies.insert(body.get());
        kept.push_back(std::move(body));
      });
    }
  }
  CHECK(bodies.size() == 1);
}

TEST_CASE("a body that is out of date is not handed out, nor kept when it was under way") {
  Setup setup;
  setup.Publish(1);
  const auto first = setup.cache.Get({Encoding::kGzip});
  setup.cache.Forget();
  CHECK(setup.cache.Cached({Encoding::kGzip}) == nullptr);
  CHECK(setup.cache.Get({Encoding::kGzip}) != first);
  bool meanwhile = false;
  ExpositionCache slow{setup.store,
                       setup.requests,
                       {},
                       {[&] {
                          if (meanwhile) slow.Forget();
                          return test::kNow;
                        },
                        [] { return test::kSteadyNow; }}};
  meanwhile = true;
  CHECK(slow.Get({Encoding::kGzip}) != nullptr);
  CHECK(slow.Cached({Encoding::kGzip}) == nullptr);
  meanwhile = false;
  const auto kept = slow.Get({Encoding::kGzip});
  CHECK(slow.Cached({Encoding::kGzip}) == kept);
}
