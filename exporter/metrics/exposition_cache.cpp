#include "exporter/metrics/exposition_cache.h"

#include <utility>

#include "exporter/metrics/metrics.h"

namespace exporter {
namespace {

std::int64_t SecondOf(scrape::SteadyTime time) {
  return std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count();
}

}  // namespace

Clocks Clocks::Real() {
  return {[] {
            return std::chrono::time_point_cast<std::chrono::milliseconds>(
                std::chrono::system_clock::now());
          },
          [] { return std::chrono::steady_clock::now(); }};
}

ExpositionCache::ExpositionCache(const scrape::SnapshotStore& store,
                                 const HttpRequestCounters& requests, ExpositionFacts facts,
                                 Clocks clocks)
    : store_(store), requests_(requests), facts_(std::move(facts)), clocks_(std::move(clocks)) {}

std::shared_ptr<const std::string> ExpositionCache::Cached(Variant variant) const {
  const std::int64_t second = SecondOf(clocks_.steady());
  const scrape::MutexLock lock(mutex_);
  const Entry& entry = entries_[IndexOf(variant)];
  return entry.second == second ? entry.body : nullptr;
}

std::shared_ptr<const std::string> ExpositionCache::Get(Variant variant) {
  const scrape::MutexLock render_lock(render_mutex_);
  const std::size_t index = IndexOf(variant);
  const scrape::SteadyTime now = clocks_.steady();
  std::size_t size_hint = 0;
  std::uint64_t forgotten = 0;
  {
    const scrape::MutexLock lock(mutex_);
    Entry& entry = entries_[index];
    if (entry.body && entry.second == SecondOf(now)) return entry.body;
    entry.body.reset();  // before rendering: two bodies need not be in memory at once
    size_hint = entry.last_size + entry.last_size / 8;
    forgotten = forgotten_;
  }
  auto body =
      std::make_shared<const std::string>(Render(variant, *store_.Get(), {}, now, size_hint));
  const scrape::MutexLock lock(mutex_);
  Entry& entry = entries_[index];
  entry.last_size = body->size();
  const bool kept = variant.encoding == Encoding::kGzip || body->size() <= kMaxKeptIdentityBytes;
  if (kept && forgotten == forgotten_) {
    entry.second = SecondOf(now);
    entry.body = body;
  }
  return body;
}

void ExpositionCache::Forget() {
  const scrape::MutexLock lock(mutex_);
  ++forgotten_;
  for (Entry& entry : entries_) entry.body.reset();
}

std::string ExpositionCache::Part(Variant variant, const Selection& selection) const {
  return Render(variant, *store_.Get(), selection, clocks_.steady(), 0);
}

std::string ExpositionCache::OfKey(Variant variant,
                                   std::shared_ptr<const scrape::KeyState> key) const {
  Selection selection;
  selection.keys.insert(key->key->name);
  selection.with_client = false;
  scrape::Snapshot snapshot;
  snapshot.keys.push_back(std::move(key));
  return Render(variant, snapshot, selection, clocks_.steady(), 0);
}

std::string ExpositionCache::Render(Variant variant, const scrape::Snapshot& snapshot,
                                    const Selection& selection, scrape::SteadyTime steady_now,
                                    std::size_t size_hint) const {
  MetricsInput input;
  input.snapshot = &snapshot;
  input.now = clocks_.system();
  input.steady_now = steady_now;
  input.options = facts_.options;
  input.selection = selection;
  input.config = facts_.config();
  input.build = facts_.build;
  input.http_requests = requests_.Get();
  input.process = ReadProcessStats();
  switch (variant.encoding) {
    case Encoding::kIdentity:
      return RenderText(input, variant.format, size_hint);
    case Encoding::kGzip:
      return RenderGzip(input, variant.format, size_hint);
  }
  return {};
}

}  // namespace exporter
