// What a file that is written again and again, a directory whose entries come and go, or somebody
// who asks for reloads can do at worst.

#include <doctest/doctest.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <string>

#include "tests/unit/scrape/changing_keys.h"

using namespace std::chrono_literals;
using scrape::KeyTable;
using scrape::Reason;
using scrape::ScrapeError;
using scrape::Task;
using scrape::Verdict;
using test::Changing;
using test::Keys;
using test::WithSecret;

namespace {

const ScrapeError kRejected{.reason = Reason::kUnauthorized, .verdict = Verdict::kRejected};

}  // namespace

TEST_CASE("secrets and names that change without end cost no more than the budget") {
  struct Flapping {
    bool names;
    bool accepted_first;
    std::chrono::milliseconds latency;
  };
  for (const Flapping& flapping :
       {Flapping{false, false, 150ms}, Flapping{true, false, 150ms}, Flapping{false, true, 150ms},
        Flapping{true, true, 150ms}, Flapping{false, true, 4s}, Flapping{true, true, 4s}}) {
    CAPTURE(flapping.names);
    CAPTURE(flapping.accepted_first);
    CAPTURE(flapping.latency.count());
    Changing run(Keys(6));
    run.latency = flapping.latency;
    bool rejects = !flapping.accepted_first;
    std::multiset<scrape::SteadyTime> rejections;
    run.answer = [&](Task) -> const ScrapeError* {
      if (!rejects) return nullptr;
      rejections.insert(run.now);
      return &kRejected;
    };
    run.RunFor(10min);
    rejects = true;
    int version = 0;
    for (int turn = 0; turn < 24 * 360; ++turn) {
      run.RunFor(10s);
      for (std::size_t i = 0; i < run.table.All().size(); ++i) {
        const bool vacant = run.table.All()[i] != nullptr && run.table.RecordOf(i) == nullptr &&
                            !run.schedule.Leaving(i);
        if (vacant) run.table.Release(i);
      }
      KeyTable::Keys keys;
      for (int i = 0; i < 6; ++i) {
        const std::string number = std::to_string(++version);
        const std::string name = flapping.names ? number : std::to_string(i);
        keys.push_back(WithSecret("key-" + name, "wrong-" + number));
      }
      run.Replace(keys);
    }
    std::ptrdiff_t worst = 0;
    for (const scrape::SteadyTime time : rejections) {
      worst = std::max(
          worst, std::distance(rejections.lower_bound(time), rejections.lower_bound(time + 1h)));
    }
    MESSAGE("rejected in the worst hour: ", worst, ", in the day: ", rejections.size());
    CHECK(worst <= 4 + 2);
    CHECK(rejections.size() >= 24);  // they are asked nevertheless
  }
}
