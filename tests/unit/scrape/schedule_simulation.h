#pragma once
// Drives a schedule through simulated time, from event to event, as the scraper does it.

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "scrape/schedule/schedule.h"

namespace test {

using scrape::ScrapeError;
using scrape::SteadyTime;
using scrape::Task;

class Simulation {
 public:
  ~Simulation() {
    CHECK(spins == 0);
    CHECK(overlaps == 0);
  }
  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;
  explicit Simulation(const std::vector<std::shared_ptr<const scrape::ApiKey>>& keys,
                      scrape::ScheduleCaps caps = {}, std::uint64_t seed = 42)
      : schedule(keys, caps, seed, begin) {}

  // What a request meets; null for a success. Called when it is sent.
  std::function<const ScrapeError*(Task)> answer = [](Task) { return nullptr; };
  // Whether a success is only a part of what is asked for.
  std::function<bool(Task)> goes_on = [](Task) { return false; };
  std::chrono::milliseconds latency{150};
  // Called for each request; `started` holds them all unless this is set.
  std::function<void(Task)> on_start;

  void RunFor(std::chrono::milliseconds duration) {
    const SteadyTime end = now + duration;
    while (now < end) {
      const std::vector<Task> due = schedule.TakeDue(now);
      for (const Task task : due) {
        if (on_start) {
          on_start(task);
        } else {
          started.emplace_back(now, task);
        }
        for (const auto& [at, other] : in_flight) {
          if (other.task.key == task.key) ++overlaps;
        }
        in_flight.emplace(now + latency, InFlight{now, task, answer(task)});
        peak = std::max(peak, in_flight.size());
      }
      const SteadyTime wake = schedule.NextWake(now);
      if (due.empty() && wake <= now) ++spins;
      SteadyTime next = std::min(end, std::max(wake, now + std::chrono::milliseconds(1)));
      if (!in_flight.empty()) next = std::min(next, in_flight.begin()->first);
      now = next;
      while (!in_flight.empty() && in_flight.begin()->first <= now) {
        const InFlight ended = in_flight.begin()->second;
        in_flight.erase(in_flight.begin());
        if (ended.error == nullptr && goes_on(ended.task)) {
          schedule.FinishPart(ended.task, ended.started, now);
        } else {
          schedule.Finish(ended.task, ended.started, now, ended.error);
        }
      }
    }
  }

  void ChangeSecret(std::size_t key) {
    CancelAllOf(key);
    CHECK(schedule.SecretChanged(key, now) == key);
  }

  [[nodiscard]] std::vector<std::chrono::milliseconds> StartsOf(Task task) const {
    std::vector<std::chrono::milliseconds> starts;
    for (const auto& [at, one] : started) {
      if (one == task)
        starts.push_back(std::chrono::duration_cast<std::chrono::milliseconds>(at - begin));
    }
    return starts;
  }

  struct InFlight {
    SteadyTime started;
    Task task;
    const ScrapeError* error = nullptr;
  };
  const SteadyTime begin{std::chrono::seconds(1'000'000)};
  SteadyTime now = begin;
  scrape::Schedule schedule;
  std::vector<std::pair<SteadyTime, Task>> started;
  std::multimap<SteadyTime, InFlight> in_flight;
  std::size_t peak = 0;
  // What must not be: woken up for nothing, and two requests of a key at one time.
  int spins = 0;
  int overlaps = 0;

 private:
  void CancelAllOf(std::size_t key) {
    for (auto entry = in_flight.begin(); entry != in_flight.end();) {
      const Task task = entry->second.task;
      if (task.key == key) schedule.Cancel(task);
      entry = task.key == key ? in_flight.erase(entry) : std::next(entry);
    }
  }
};

}  // namespace test
