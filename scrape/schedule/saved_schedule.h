#pragma once
// What of the schedule survives a restart: which keys are stopped, what was rejected within the
// hour, and which hosts are paused. Without it a process that is started again and again with a
// wrong apikey would get its address blocked. Plain data, any thread.

#include <optional>
#include <string>
#include <vector>

#include "scrape/schedule/steady_time.h"

namespace scrape {

// A key that the service rejected.
struct SavedStop {
  int rejections = 0;  // in a row
  bool ever_accepted = false;
  std::string rejected_by;  // a collector
  SteadyTime retry_at{};

  template <class Fields>
  void Visit(Fields& fields) {
    fields("rejections", rejections);
    fields("ever_accepted", ever_accepted);
    fields("rejected_by", rejected_by);
    fields("retry_at", retry_at);
  }
};

struct SavedRejection {
  SteadyTime at{};
  std::optional<std::string> key;  // its name; absent: it is gone
  bool of_stopped = false;

  template <class Fields>
  void Visit(Fields& fields) {
    fields("at", at);
    fields("key", key);
    fields("of_stopped", of_stopped);
  }
};

struct SavedTime {
  SteadyTime at{};

  template <class Fields>
  void Visit(Fields& fields) {
    fields("at", at);
  }
};

struct SavedPause {
  std::string reason;  // of the label `reason`
  SteadyTime until{};

  template <class Fields>
  void Visit(Fields& fields) {
    fields("reason", reason);
    fields("until", until);
  }
};

struct SavedHost {
  std::string name;
  std::vector<SavedRejection> rejections;
  std::vector<SavedTime> beyond_budget;  // requests with new secrets
  std::optional<SavedPause> pause;

  template <class Fields>
  void Visit(Fields& fields) {
    fields("name", name);
    fields("rejections", rejections);
    fields("beyond_budget", beyond_budget);
    fields("pause", pause);
  }
};

}  // namespace scrape
