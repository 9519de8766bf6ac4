#include "exporter/metrics/key_view.h"

#include <memory>

namespace exporter {
namespace {

using scrape::Collector;

template <typename Data>
const Data* Fresh(const MetricsInput& input, const scrape::KeyState& state, Collector collector,
                  const std::shared_ptr<const Data>& data) {
  const bool fresh = input.steady_now < state.collectors[IndexOf(collector)].keep_until;
  return fresh ? data.get() : nullptr;
}

}  // namespace

MetricsView ViewOf(const MetricsInput& input) {
  MetricsView view{input, {}};
  view.keys.reserve(input.snapshot->keys.size());
  for (const std::shared_ptr<const scrape::KeyState>& state : input.snapshot->keys) {
    if (!input.selection.Has(state->key->name)) continue;
    KeyView& key = view.keys.emplace_back();
    key.name = state->key->name;
    key.state = state.get();
    key.info = Fresh(input, *state, Collector::kInfo, state->info);
    key.limits = Fresh(input, *state, Collector::kLimits, state->limits);
    key.status = Fresh(input, *state, Collector::kStatus, state->status);
    key.show_quota = !state->stopped;
  }
  return view;
}

}  // namespace exporter
