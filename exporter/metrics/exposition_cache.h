#pragma once
// The body of /metrics, rendered at most once per second and variant however many scrapers ask.
// Thread-safe; a caller of Get may wait for the rendering (about 10 ms for 1,000 keys), so an event
// thread must not be one.

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "exporter/metrics/exposition.h"
#include "exporter/metrics/http_request_counters.h"
#include "exporter/metrics/metrics_input.h"
#include "scrape/mutex.h"
#include "scrape/snapshot_store.h"

namespace exporter {

enum class Encoding { kIdentity, kGzip };
inline constexpr std::size_t kEncodingCount = 2;

// The ways in which the same metrics can be had.
struct Variant {
  Encoding encoding = Encoding::kIdentity;
  Format format = Format::kText;
};
inline constexpr std::size_t kVariantCount = kEncodingCount * kFormatCount;
[[nodiscard]] constexpr std::size_t IndexOf(Variant variant) {
  return static_cast<std::size_t>(variant.format) * kEncodingCount +
         static_cast<std::size_t>(variant.encoding);
}

// What is not in the snapshot.
struct ExpositionFacts {
  MetricOptions options;
  std::function<ConfigLoad()> config = [] { return ConfigLoad{}; };  // any thread
  BuildInfo build;
};

struct Clocks {
  std::function<scrape::SystemTime()> system;
  std::function<scrape::SteadyTime()> steady;
  [[nodiscard]] static Clocks Real();
};

class ExpositionCache {
 public:
  // `store` and `requests` must outlive this object.
  ExpositionCache(const scrape::SnapshotStore& store, const HttpRequestCounters& requests,
                  ExpositionFacts facts, Clocks clocks = Clocks::Real());

  // Never null. All callers within one second of the steady clock get the same body.
  [[nodiscard]] std::shared_ptr<const std::string> Get(Variant variant);
  // The same if it is there already, else null; neither renders nor waits.
  [[nodiscard]] std::shared_ptr<const std::string> Cached(Variant variant) const;

  // A part of the metrics. Rendered for each caller, never kept.
  [[nodiscard]] std::string Part(Variant variant, const Selection& selection) const;

  // What is known of one key just now, whatever was published; nothing of the exporter itself.
  [[nodiscard]] std::string OfKey(Variant variant,
                                  std::shared_ptr<const scrape::KeyState> key) const;

  // What was rendered so far is out of date: the next caller gets a new body. Any thread.
  void Forget();

  // An uncompressed body above this is rendered for each caller rather than kept in memory.
  static constexpr std::size_t kMaxKeptIdentityBytes = std::size_t{4} * 1024 * 1024;

 private:
  struct Entry {
    std::int64_t second = 0;                  // of the steady clock
    std::shared_ptr<const std::string> body;  // null: nothing kept
    std::size_t last_size = 0;
  };

  [[nodiscard]] std::string Render(Variant variant, const scrape::Snapshot& snapshot,
                                   const Selection& selection, scrape::SteadyTime steady_now,
                                   std::size_t size_hint) const;

  const scrape::SnapshotStore& store_;
  const HttpRequestCounters& requests_;
  const ExpositionFacts facts_;
  const Clocks clocks_;
  // Held while rendering, so that scrapers that come meanwhile share the result.
  scrape::Mutex render_mutex_;
  mutable scrape::Mutex mutex_;
  std::array<Entry, kVariantCount> entries_ GUARDED_BY(mutex_);
  std::uint64_t forgotten_ GUARDED_BY(mutex_) = 0;  // so many times
};

}  // namespace exporter
