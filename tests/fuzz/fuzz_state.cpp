// The file of --storage.path. What is read, whatever it says, can be counted on with, and is read
// as it is written.

#include <chrono>
#include <cmath>
#include <string>

#include "scrape/schedule/schedule.h"
#include "scrape/state/fields.h"
#include "scrape/state/saved_state.h"
#include "tests/fuzz/property.h"

using fuzz::Expect;
using namespace std::chrono_literals;

namespace {

constexpr scrape::Moment kNow{.steady = scrape::SteadyTime(100h),
                              .system = scrape::SystemTime(std::chrono::seconds(1'700'000'000))};

double TotalOf(const scrape::QuotaWindows& windows) {
  double total = 0;
  if (windows.Published() == nullptr) return total;
  for (const auto& window : *windows.Published()) {
    Expect(std::isfinite(window.consumed_total) && window.consumed_total >= 0,
           "a counter is a number");
    Expect(!window.window || window.window->count() >= 0, "a window has a length");
    total += window.consumed_total;
  }
  return total;
}

void CountOn(scrape::SavedKey& key) {
  scrape::QuotaWindows& windows = key.windows;
  windows.Resume({}, 30min, kNow);
  const double before = TotalOf(windows);
  scrape::StateWriter writer(kNow);
  writer.BeginObject();
  writer("key", key);
  writer.EndObject();
  const auto document = scrape::JsonDocument::Parse(writer.Take());
  Expect(document.has_value(), "what is written is JSON");
  bool broken = false;
  scrape::SavedKey again;
  scrape::StateReader(*document->Root(), kNow, broken)("key", again);
  Expect(!broken && again.windows.Sound(kNow.steady), "what is written can be read");
  again.windows.Resume({}, 30min, kNow);
  Expect(TotalOf(again.windows) == before, "what is read was written");
  scrape::Moment now = kNow;
  for (const double used : {5.0, 7.0, 0.0, 0.0, 0.0, 3.0}) {
    now.steady += 1min;
    now.system += 1min;
    windows.Polled({.used = {{"prevention", used}}}, 1min, now);
  }
  Expect(TotalOf(windows) >= before, "a counter does not fall");
}

void Resume(const scrape::SavedState& state) {
  auto key = std::make_shared<scrape::ApiKey>();
  key->name = "a";
  scrape::Schedule schedule({key}, {}, 1, kNow.steady);
  for (const scrape::SavedKey& saved : state.keys) {
    if (saved.head.stop) schedule.ResumeStop(0, *saved.head.stop, kNow.steady);
  }
  for (const scrape::SavedHost& host : state.hosts) {
    schedule.ResumeHost(
        host, [](const std::string& /*name*/) { return std::optional<std::size_t>(0); },
        kNow.steady);
  }
  (void)schedule.TakeDue(kNow.steady);
  const auto next = schedule.NextAttempt({0, scrape::Collector::kInfo}, kNow.steady);
  Expect(!next || *next <= kNow.steady + 7h, "nothing is put off for good");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::TextOf(data, size);
  (void)scrape::ReadState(text, kNow);
  auto state = scrape::ReadState(scrape::SealState(text), kNow);
  if (!state) return 0;
  for (scrape::SavedKey& key : state->keys) CountOn(key);
  Resume(*state);
  return 0;
}
