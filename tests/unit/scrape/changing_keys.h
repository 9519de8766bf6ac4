#pragma once
// Keys that come, go and change in simulated time. One thread.

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "scrape/key_table.h"
#include "tests/unit/scrape/schedule_simulation.h"
#include "tests/unit/scrape/test_keys.h"

namespace test {

// A table over a simulated schedule; whether a key is good is read in its secret.
class Changing : public Simulation {
 public:
  explicit Changing(const scrape::KeyTable::Keys& keys, scrape::ScheduleCaps first_caps = {})
      : Simulation(keys, first_caps), caps(first_caps), table(keys, schedule) {}

  void Replace(const scrape::KeyTable::Keys& keys) {
    table.Replace(keys, caps,
                  {.give_up = [this](scrape::Task task) { GiveUp(task); },
                   .vacated = [this](std::size_t place) { vacated.push_back(place); }},
                  {now, scrape::SystemTime(std::chrono::seconds(1'700'000'000))});
  }

  [[nodiscard]] std::size_t PlaceOf(const std::string& name) const {
    for (const std::size_t place : table.ByName()) {
      if (table.All()[place]->name == name) return place;
    }
    FAIL("no such key");
    return 0;
  }
  [[nodiscard]] std::size_t StartedSince(std::size_t first, std::size_t place) const {
    return static_cast<std::size_t>(
        std::count_if(started.begin() + static_cast<std::ptrdiff_t>(first), started.end(),
                      [place](const auto& start) { return start.second.key == place; }));
  }

  scrape::ScheduleCaps caps;
  scrape::KeyTable table;
  std::vector<std::size_t> vacated;

 private:
  void GiveUp(scrape::Task task) {
    const auto found = std::find_if(in_flight.begin(), in_flight.end(), [task](const auto& entry) {
      return entry.second.task == task;
    });
    REQUIRE(found != in_flight.end());
    in_flight.erase(found);
  }
};

inline std::shared_ptr<const scrape::ApiKey> WithSecret(const std::string& name,
                                                        const std::string& secret) {
  return Key(name, [&](scrape::ApiKey& key) { key.secret = scrape::Secret(secret); });
}

}  // namespace test
