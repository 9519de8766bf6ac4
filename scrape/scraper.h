#pragma once
// Asks the service for every configured key in the background and publishes what it learns.
// One thread of its own runs schedule, transfers, decoding and publishing; Start and Stop belong to
// one controlling thread, Reconfigure, Ask and Alive may be called from every
// thread.

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "scrape/api_key.h"
#include "scrape/probes.h"
#include "scrape/snapshot_store.h"
#include "scrape/state/state_file.h"

namespace scrape {

struct ScrapeOptions {
  int max_concurrent_requests = 64;        // per process
  int max_requests_per_second = 20;        // per host of the service
  int max_rejected_requests_per_hour = 4;  // per host of the service
  std::string user_agent;
  bool one_round = false;  // nothing is asked again once it has answered or failed
  // How much faster than the wall clock the scraper's own time passes: tests of pauses of hours set
  // it. Timeouts of requests stay real.
  double time_scale = 1;
  std::optional<SystemTime> time_origin = {};  // of that time: ScaledClock's
};

class Scraper {
 public:
  // Publishes a first snapshot (all keys, no data) to `store` before it returns. `store` must
  // outlive this object. With `state`, what an earlier process has learnt is taken from there, and
  // what this one learns is written there.
  Scraper(const std::vector<std::shared_ptr<const ApiKey>>& keys, const ScrapeOptions& options,
          SnapshotStore& store, std::unique_ptr<StateFile> state = nullptr);
  ~Scraper();  // as Stop()
  Scraper(const Scraper&) = delete;
  Scraper& operator=(const Scraper&) = delete;
  Scraper(Scraper&&) = delete;
  Scraper& operator=(Scraper&&) = delete;

  void Start();
  // Takes over other keys and options (but for user_agent and time) and publishes them before
  // it returns; what is known of keys whose name, apikey and base_url are the same stays. False
  // when the thread does not run, or did not begin it within 5 s: then nothing is taken over.
  [[nodiscard]] bool Reconfigure(std::vector<std::shared_ptr<const ApiKey>> keys,
                                 const ScrapeOptions& options);
  // Asks the key of this name for what is not fresh, by the rules that hold for all requests, and
  // calls `done` when all of it is answered, at the latest after `within`. Any thread.
  void Ask(std::string key, std::chrono::milliseconds within, ProbeDone done);
  // Cancels what is in flight and joins the thread; returns within a second. Idempotent.
  void Stop();
  // True while the thread's loop turns: it did so within the last 10 s.
  [[nodiscard]] bool Alive() const;

 private:
  class Loop;
  std::unique_ptr<Loop> loop_;
};

}  // namespace scrape
