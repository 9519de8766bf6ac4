#include "exporter/metrics/key_view.h"

#include <memory>

namespace exporter {
namespace {

using scrape::Collector;

template <typename Data>
const Data* Fresh(const scrape::KeyState& state, Collector collector, scrape::SteadyTime now,
                  const std::shared_ptr<const Data>& data) {
  return now < state.collectors[IndexOf(collector)].keep_until ? data.get() : nullptr;
}

}  // namespace

KeyView ViewOf(const scrape::KeyState& state, scrape::SteadyTime now) {
  KeyView key;
  key.name = state.key->name;
  key.state = &state;
  key.info = Fresh(state, Collector::kInfo, now, state.info);
  key.limits = Fresh(state, Collector::kLimits, now, state.limits);
  key.status = Fresh(state, Collector::kStatus, now, state.status);
  if (!state.stopped) key.history = Fresh(state, Collector::kHistory, now, state.history);
  key.show_quota = !state.stopped;
  return key;
}

MetricsView ViewOf(const MetricsInput& input) {
  MetricsView view{input, {}};
  view.keys.reserve(input.snapshot->keys.size());
  for (const std::shared_ptr<const scrape::KeyState>& state : input.snapshot->keys) {
    if (input.selection.Has(state->key->name)) {
      view.keys.push_back(ViewOf(*state, input.steady_now));
    }
  }
  return view;
}

}  // namespace exporter
